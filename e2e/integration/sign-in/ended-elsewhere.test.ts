import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterAll(() => app.close());

const promptOf = ({ location }: Page) => new URL(location ?? "").searchParams.get("prompt");

async function sessionOf(browser: HttpBrowser): Promise<string> {
  const { body } = await browser.request(`${app.url}/account/sessions`);
  return /data-session="([^"]+)"/.exec(body)?.[1] ?? "";
}

/** From a device of the same user that has just signed in. */
async function endFromElsewhere(fields: Record<string, string>, user = "minsu"): Promise<void> {
  const device = await signedIn(app, { user });
  const { csrfToken } = JSON.parse((await device.fetch(`${app.url}/api/auth/csrf`)).body);
  const url = `${app.url}/api/${"scope" in fields ? "auth/signout" : "account/sessions/end"}`;
  expect((await device.request(url, { method: "POST", form: { csrfToken, ...fields } })).status).toBe(303);
}

const ends: [how: string, end: (id: string) => Promise<unknown>][] = [
  ["from another device", (id) => endFromElsewhere({ session: id })],
  ["with all others", () => endFromElsewhere({ which: "others" })],
  ['by "everywhere"', () => endFromElsewhere({ scope: "everywhere" })],
  [
    "by an administrator",
    (id) =>
      app.rows(
        `UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked', "endedBy" = 'admin' WHERE id = $1`,
        [id],
      ),
  ],
];

describe("FF-26: a browser whose session was ended from elsewhere", () => {
  it.each(ends)("FF-26: is not signed in again by the provider's session alone: %s", async (_, end) => {
    const browser = await signedIn(app);
    await end(await sessionOf(browser));
    expect(await whoIs(app, browser)).toBeNull();
    const started = await startSignIn(app, browser);
    expect(promptOf(started)).toBe("login");
    const asked = (await app.control.journal("company", { endpoint: "authorization" })).length;
    // The provider knows them still, and shows its page all the same.
    const page = await browser.visit(started.location ?? "", {}, (url) => !url.startsWith(app.url));
    expect([page.status, page.body.includes('data-person="minsu"')]).toEqual([200, true]);
    expect((await app.control.journal("company", { endpoint: "authorization" })).slice(asked)).toMatchObject([
      { query: { prompt: "login" } },
    ]);
    const back = await browser.submit(page, 'data-person="minsu"');
    await browser.visit(back.location ?? "");
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    // From then on it is a browser like any other.
    expect(promptOf(await startSignIn(app, browser.clone()))).not.toBe("login");
  });

  it("FF-26: is not signed in by a sign-in that had begun before, either; the next one asks for a fresh authentication", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const form = { csrfToken, returnTo: "/account/activity" };
    const started = await browser.request(`${app.url}/api/auth/signin/company`, { method: "POST", form });
    const back = await meetProvider(app, browser, started, "jiwoo");
    await endFromElsewhere({ which: "others" }, "jiwoo");
    const sessions = await app.rows(`SELECT 1 FROM "Session"`);
    const refused = await browser.request(back.location ?? "");
    const target = new URL(refused.location ?? "");
    expect([target.pathname, Object.fromEntries(target.searchParams)]).toEqual([
      "/sign-in",
      { returnTo: "/account/activity", error: "session_revoked", provider: "company" },
    ]);
    expect(await whoIs(app, browser)).toBeNull();
    expect(await app.rows(`SELECT 1 FROM "Session"`)).toHaveLength(sessions.length);
    expect(promptOf(await startSignIn(app, browser))).toBe("login");
  });

  it("FF-26: is refused where the provider ignores that it should ask, as far as it says so", async () => {
    const browser = await signedIn(app, { user: "eunji" });
    await endFromElsewhere({ which: "others" }, "eunji");
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "eunji");
    const fault = { kind: "id_token", setClaims: { auth_time: Math.floor(Date.now() / 1000) - 300 } } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    const refused = await browser.request(back.location ?? "");
    expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("id_token_invalid");
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("FF-26: signs in as ever where it signed out by itself, or its time was over", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const page = await browser.request(`${app.url}/sign-out`);
    await browser.submit(page, 'data-scope="device"');
    expect(promptOf(await startSignIn(app, browser))).toBeNull();
    await signIn(app, browser, { user: "haneul" });
    const id = await sessionOf(browser);
    await app.rows(`UPDATE "Session" SET "idleExpiresAt" = now() - interval '1 second' WHERE id = $1`, [id]);
    expect(promptOf(await startSignIn(app, browser))).toBeNull();
    expect(promptOf(await startSignIn(app, new HttpBrowser()))).toBeNull();
  });
});
