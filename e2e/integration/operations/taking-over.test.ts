import { afterAll, beforeAll, expect, it } from "vitest";
import { hasSample } from "../../../dev/run/build";
import { copyRepository, type RepositoryCopy } from "../../support/repository-copy";

// What a developer does first with a clone, done in a copy of it.

let copy: RepositoryCopy;
beforeAll(() => {
  copy = copyRepository("taken-over");
});
afterAll(() => copy?.remove());

const replaced = (text: string, pattern: RegExp, by: string) => {
  expect(text).toMatch(pattern);
  return text.replace(pattern, by);
};

/** The quick part of the suite: the unit tests but those that need servers, which know no configuration. */
const quickTests = () =>
  copy.run(
    "test",
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project=unit",
    // The copy has no lock file to be compared, and is no checkout of its own to be brought into another app.
    "--exclude=cli/release.test.ts",
    "--exclude=cli/adopt/plan.test.ts",
    ..."edge/ ui/ messages/ cli/ app/ sample/ server/settings server/http server/oidc server/services server/sessions".split(
      " ",
    ),
  );

/** Another API, no services, other gates, other times, and another name. */
function configure(): void {
  copy.edit("daemun.config.ts", (text) =>
    replaced(
      text,
      /gates: \[[\s\S]*\n {2}\],\n/,
      `gates: [
        ...["/sign-in", "/auth-error", "/signed-out", "/api/auth/*", "/api/oidc/*"].map(
          (path) => ({ path, access: "public" }) as const,
        ),
        { path: "/anything/*", access: "session", roles: ["clerk"] },
      ],\n`,
    )
      .replace(
        /\n\}\);\n$/,
        '\n  resources: [{ indicator: "https://own.example/api", scopes: ["own:read"] }],\n  services: {},\n});\n',
      )
      .replace(/\d+ \* 60/g, "7 * 60"),
  );
  for (const locale of ["en", "ko"]) {
    copy.edit(`messages/${locale}.json`, (text) => text.replaceAll("Daemun", "Acme").replaceAll("대문", "아크메"));
  }
}

it("an app passes the checks without the sample, and builds and passes the quick tests whatever it is configured to be", async () => {
  if (hasSample) await copy.run("test", "--import", "tsx", "sample/remove.ts");
  await copy.run("test", "--import", "tsx", "dev/run/check.ts");
  configure();
  await Promise.all([quickTests(), copy.run("production", "node_modules/next/dist/bin/next", "build")]);
}, 600_000);
