import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openExtendedApp } from "../../support/extension/extended-app";
import { signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let elsewhere: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
  elsewhere = await openExtendedApp({ TEST_SIGNED_OUT_PATH: "/anywhere" });
}, 600_000);
afterEach(() => app.control.clearFaults("company"));
afterAll(async () => {
  await app?.close();
  await elsewhere?.close();
});

const target = (location: string | null) => new URL(location ?? "", app.url);

describe("where a sign-out leads to", () => {
  const leave = async (at: TestApp, form: Record<string, string>) => {
    const browser = await signedIn(at);
    const { csrfToken } = JSON.parse((await browser.fetch(`${at.url}/api/auth/csrf`)).body);
    const left = await browser.request(`${at.url}/api/auth/signout`, { method: "POST", form: { csrfToken, ...form } });
    return { browser, left };
  };

  it.each([
    ["/anywhere?left=1", "/anywhere?left=1"],
    ["/sign-in", "/sign-in"],
    ["//evil.test", "/signed-out"],
    ["https://evil.test/", "/signed-out"],
    ["/\\evil.test", "/signed-out"],
    ["/api/auth/initiate", "/signed-out"],
    ["/sign-out", "/signed-out"],
    [`/anywhere?${"x".repeat(3000)}`, "/signed-out"],
  ])("%s: to %s", async (returnTo, expected) => {
    expect((await leave(app, { returnTo })).left.location).toBe(app.url + expected);
  });

  it("configuration says, where the form does not", async () => {
    expect((await leave(elsewhere, {})).left.location).toBe(`${elsewhere.url}/anywhere`);
    expect((await leave(elsewhere, { returnTo: "/club/anybody" })).left.location).toBe(`${elsewhere.url}/club/anybody`);
  });

  it("by way of the provider, once it has sent the browser back; else the page says what was not ended", async () => {
    const { browser, left } = await leave(app, { scope: "provider", returnTo: "/anywhere?left=1" });
    const away = target(left.location);
    expect(away.searchParams.get("post_logout_redirect_uri")).toBe(`${app.url}/signed-out`);
    const told = await browser.request(`${app.url}/signed-out`);
    expect([told.status, told.location]).toEqual([200, null]);
    const back = await browser.request(`${app.url}/signed-out?state=${away.searchParams.get("state")}`);
    expect(back.location).toBe(`${app.url}/anywhere?left=1`);
    const alone = await leaveWhileAway();
    expect(alone.left.location).toBe(`${app.url}/signed-out`);
  });

  async function leaveWhileAway() {
    const browser = await signedIn(app);
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    await app.control.addFault("company", { endpoint: "discovery", fault: { kind: "respond", status: 503 } });
    const form = { csrfToken, scope: "provider", returnTo: "/anywhere?left=1" };
    return { left: await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form }) };
  }
});
