import { describe, expect, it } from "vitest";
import { growthOf, mostGrowth } from "@/e2e/support/growth";
import { challengeSchemes } from "./challenges";
import { requestHeadersFor, responseHeadersFrom } from "./service-headers";

const names = (headers: Headers) => [...headers.keys()];

describe("the headers of a browser", () => {
  it("go on where they mean the same to anybody", () => {
    const asked = { Accept: "a", "Content-Type": "b", Range: "c", "If-None-Match": "d", "Idempotency-Key": "e" };
    expect(Object.fromEntries(requestHeadersFor(new Headers(asked)))).toEqual({
      accept: "a",
      "content-type": "b",
      "idempotency-key": "e",
      "if-none-match": "d",
      range: "c",
    });
  });

  it("PX-03: a browser's headers that are not listed stay here, in whatever spelling", () => {
    const said =
      "Cookie Authorization X-CSRF X-Organization X-User-Id X_User_Id x-forwarded-for X-FORWARDED-USER Host Origin Referer User-Agent Content-Length Transfer-Encoding TE Via Accept_Language";
    const asked = new Headers();
    for (const name of said.split(" ")) asked.set(name, "evil");
    expect(names(requestHeadersFor(asked))).toEqual([]);
  });

  it("PX-03: a browser's headers stay here where Connection says that they are this hop's", () => {
    const asked = new Headers({ Connection: "Accept, x-trace ,close", Accept: "a", "X-Trace": "b", Prefer: "c" });
    expect(names(requestHeadersFor(asked, ["x-trace"]))).toEqual(["prefer"]);
  });
});

describe("the headers of a service", () => {
  it("PX-01: a service's headers reach a browser where they are about the answer alone, or configuration says so", () => {
    const said = "etag set-cookie server authorization vary link location refresh access-control-allow-origin x-total";
    const answered = new Headers();
    for (const name of said.split(" ")) answered.set(name, "1");
    expect(names(responseHeadersFrom(answered, ["x-total"]))).toEqual(["etag", "x-total"]);
    expect(names(responseHeadersFrom(answered))).toEqual(["etag"]);
  });

  it.each([
    ["Bearer", true],
    ['Bearer realm="x", error="insufficient_scope", scope="a b"', true],
    ['Bearer realm="Basic x", error_description="a, basic b"', true],
    ['bearer error = "x"', true],
    ["Basic realm=x", false],
    ["Basic", false],
    ['Bearer realm="x", Basic realm="y"', false],
    ['Bearer error="x",NTLM', false],
    ['Digest realm="x", Bearer', false],
    ["Negotiate abc==", false],
  ])("may challenge with %s: %s", (challenge, passes) => {
    const answered = new Headers({ "WWW-Authenticate": challenge });
    expect(responseHeadersFrom(answered).get("www-authenticate")).toBe(passes ? challenge : null);
  });

  it.each([
    ["a scheme and many blanks", (size: number) => `a${" ".repeat(size)}=b`],
    ["many quotation marks", (size: number) => '"'.repeat(size)],
    ["quoted quotation marks without an end", (size: number) => `"${'\\"'.repeat(size / 2)}`],
    ["many commas", (size: number) => ", ".repeat(size / 2)],
  ])("FF-05: a challenge of %s takes no longer than its length", { timeout: 60_000 }, (_what, text) => {
    const growth = growthOf(2_000, (size) => {
      const header = text(size);
      return () => void challengeSchemes(header, 100_000);
    });
    expect(growth.filter((factor) => factor >= mostGrowth)).toEqual([]);
    // And a long one is not read at all.
    expect(
      responseHeadersFrom(new Headers({ "WWW-Authenticate": `Bearer${" ".repeat(5_000)}x` })).get("www-authenticate"),
    ).toBeNull();
  });
});
