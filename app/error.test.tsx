import { UnrecognizedActionError } from "next/dist/client/components/unrecognized-action-error";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import en from "@/messages/en.json";
import { type PageTexts, PageTextsProvider } from "./_components/statements";
import Crash from "./error";

function shown(error: Error): string {
  return renderToStaticMarkup(
    <PageTextsProvider texts={en satisfies PageTexts} path="/" here="/" signedInAs={null}>
      <Crash error={error} retry={() => {}} />
    </PageTextsProvider>,
  );
}

it("a form of a page that another build has made says so, and offers to load the page again", () => {
  const page = shown(new UnrecognizedActionError("Server Action was not found on the server."));
  expect(page).toContain("This page is from another version");
  expect(page).toContain("Load the page again");
  expect(page).not.toContain("on our side");
});

it("any other error is a fault of ours, to be tried again", () => {
  expect(shown(new Error("x"))).toContain("Something went wrong on our side");
});
