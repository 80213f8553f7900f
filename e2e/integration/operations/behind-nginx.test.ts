import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, crawlAddresses, waysToAsk } from "../../support/crawl";
import { headBytes } from "../../support/head-bytes";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { findNginx, startDocumentedProxy } from "../../support/nginx";
import { meetProvider, openTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const largest = 3584;
const long = `/account?q=${"%EA%B0%80".repeat(205)}`;

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ behindProxy: true, env: { TRUSTED_PROXY_HOPS: "1", SESSION_IDLE_SECONDS: "7" } });
});
afterEach(() => app.control.clearFaults("company"));
afterAll(() => app?.close());

/** A browser whose ID token is longer than a proxy's buffer by itself. */
async function signedInWithLongIdToken(bytes: number): Promise<HttpBrowser> {
  const groups = Array.from({ length: bytes / 20 }, (_, n) => `group-${String(n).padStart(8, "0")}`);
  const fault = { kind: "id_token", setClaims: { groups } } as const;
  await app.control.addFault("company", { endpoint: "token", fault });
  const browser = await signedIn(app);
  await app.control.clearFaults("company");
  return browser;
}

async function signOutAtProvider(browser: HttpBrowser): Promise<Page> {
  const page = await browser.request(`${app.url}/sign-out`);
  return browser.submit(page, 'data-scope="provider"');
}

/** Where a page leads by itself, as a browser without script follows it. */
const ledTo = ({ body }: Page) =>
  /http-equiv="refresh" content="0; url=([^"]+)"/.exec(body)?.[1]?.replaceAll("&amp;", "&");

describe.skipIf(findNginx() === null)("behind nginx, as documented and with its default buffers", () => {
  let proxy: { stop(): Promise<void> };
  beforeAll(async () => {
    proxy = await startDocumentedProxy(Number(new URL(app.url).port), app.instance.port);
  });
  afterAll(() => proxy?.stop());

  it("FF-64: somebody with a link of 1,900 characters signs in and is back there", async () => {
    const browser = new HttpBrowser();
    const turned = await browser.request(app.url + long);
    expect(turned.status).toBe(307);
    const page = await browser.request(turned.location ?? "");
    const started = await browser.submit(page, 'data-provider="company"');
    const back = await meetProvider(app, browser, started, "minsu");
    const returned = await browser.request(back.location ?? "");
    expect([returned.status, returned.headers.get("location")]).toEqual([303, long]);
  });

  it("FF-64: somebody with an ID token of 5 KB signs out at the provider too, and comes back", async () => {
    const browser = await signedInWithLongIdToken(3_500);
    const answered = await signOutAtProvider(browser);
    expect([answered.status, answered.location]).toEqual([200, null]);
    expect(headBytes(answered)).toBeLessThan(largest);
    const address = new URL(ledTo(answered) ?? "");
    expect(address.origin).toBe(app.issuers.company);
    expect(address.searchParams.get("id_token_hint")?.length).toBeGreaterThan(4_500);
    const there = await browser.visit(address.href, {}, (url) => !url.startsWith(app.url));
    // Its page tells every app of the sign-out, and leads back.
    const back = /http[^"']*\/signed-out\?state=[\w-]{22}/.exec(there.body)?.[0] ?? "";
    expect(back.startsWith(app.url), there.body.slice(0, 2_000)).toBe(true);
    expect((await browser.request(back)).status).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("FF-64: of an ID token that no request line holds, the provider is told nothing but whose client this is", async () => {
    const browser = await signedInWithLongIdToken(8_000);
    const answered = await signOutAtProvider(browser);
    const address = new URL(answered.location ?? "");
    expect([answered.status, address.searchParams.has("id_token_hint")]).toEqual([303, false]);
    expect(address.searchParams.get("client_id")).toBe("daemun");
  });

  it("FF-64: an upload of ten megabytes reaches the app, and every address is answered by the app and not by nginx", {
    timeout: 300_000,
  }, async () => {
    const browser = await signedIn(app);
    for (const path of crawlAddresses()) {
      for (const options of [waysToAsk.navigation, waysToAsk.rsc]) {
        for (const { status, body } of await ask(browser, app.url + path, options ?? {}))
          expect([path, status === 502 || body.includes("<center>nginx")]).toEqual([path, false]);
      }
    }
    const body = "a".repeat(10 * 1024 * 1024);
    const answered = await browser.fetch(`${app.url}/api/auth/signout`, { method: "POST", body });
    expect(answered.status).toBe(400);
  });
});

it("FF-64: no answer has more than 3.5 KB of headers, whatever is asked, how and by whom", {
  timeout: 300_000,
}, async () => {
  // Straight to the app: what it says, before anything in between.
  const straight = () => new HttpBrowser(({ host }) => (app.url.endsWith(host) ? app.instance.url : null));
  const user = straight();
  expect((await signIn(app, user, { returnTo: long })).status).toBe(303);
  const addresses = [
    ...crawlAddresses(),
    ...[
      long,
      `/account/${"x".repeat(2_000)}/?a=b`,
      `/account/?${"x".repeat(6_000)}`,
      `/sign-in?returnTo=${long}`,
      `/x//y/?${"y".repeat(3_000)}`,
    ],
  ];
  const sizes = new Map<string, number>();
  for (const path of addresses) {
    for (const [way, options] of Object.entries(waysToAsk)) {
      for (const browser of [user.clone(), straight()]) {
        for (const Host of [new URL(app.url).host, "other.example"]) {
          const asked = { ...options, headers: { ...options.headers, Host } };
          const page = await browser.request(app.url + path, asked);
          sizes.set(`${way} ${path} ${page.status}`, headBytes(page));
        }
      }
    }
  }
  sizes.set("start", headBytes(await startSignIn(app, straight(), { returnTo: long })));
  expect([...sizes].filter(([, bytes]) => bytes >= largest)).toEqual([]);
  expect(sizes.size).toBeGreaterThan(200);
});
