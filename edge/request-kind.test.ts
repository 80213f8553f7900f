import { describe, expect, it } from "vitest";
import { isActivity } from "./request-kind";

const page = "/account?tab=1";
const rsc = { RSC: "1", "Sec-Fetch-Mode": "cors" };

describe("what counts as a person's doing", () => {
  it.each<[string, string, Record<string, string>]>([
    ["a page that is opened", page, { "Sec-Fetch-Mode": "navigate" }],
    ["a page that is opened by an old browser", page, { Accept: "text/html" }],
    ["a client-side navigation", page, { ...rsc, Referer: "https://app.example/" }],
    [
      "a client-side navigation to the same page with another query",
      page,
      {
        ...rsc,
        Referer: "https://app.example/account",
      },
    ],
    ["a client-side navigation without a referrer", page, rsc],
    [
      "a server action",
      page,
      { "Next-Action": "x", "Sec-Fetch-Mode": "cors", Referer: "https://app.example/account?tab=1" },
    ],
    ["keep-alive", "/api/session/keep-alive", { "Sec-Fetch-Mode": "cors" }],
    ["a proxied call", "/api/services/orders/list?page=2", { "Sec-Fetch-Mode": "cors" }],
  ])("%s", (_, address, headers) => {
    expect(isActivity(address, new Headers(headers))).toBe(true);
  });

  it.each<[string, string, Record<string, string>]>([
    ["not a poll", "/api/session", { "Sec-Fetch-Mode": "cors" }],
    ["not a fetch of one's own data", "/api/me", { "Sec-Fetch-Mode": "cors" }],
    ["not the router's prefetch", page, { ...rsc, "Next-Router-Prefetch": "1" }],
    ["not the browser's prefetch", page, { "Sec-Fetch-Mode": "navigate", "Sec-Purpose": "prefetch;prerender" }],
    ["not Firefox's prefetch", page, { "Sec-Fetch-Mode": "navigate", "X-Moz": "prefetch" }],
    ["not an older browser's prefetch", page, { Accept: "text/html", Purpose: "prefetch" }],
    ["not a preview", page, { Accept: "text/html", "X-Purpose": "preview" }],
    [
      "not a prefetch with an empty header before it",
      page,
      { Accept: "text/html", "Sec-Purpose": "", Purpose: "prefetch" },
    ],
    ["not a refresh of the page that is shown", page, { ...rsc, Referer: "https://app.example/account?tab=1" }],
  ])("%s", (_, address, headers) => {
    expect(isActivity(address, new Headers(headers))).toBe(false);
  });
});
