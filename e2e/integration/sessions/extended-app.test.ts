import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { openExtendedApp } from "../../support/extension/extended-app";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { submitAction } from "../../support/server-action";
import { meetProvider, signedIn, signedInLongAgo, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openExtendedApp();
}, 240_000);
afterEach(async () => {
  await app.control.setClock("company", 0);
  await app.control.clearFaults("company");
});
afterAll(() => app?.close());

/** Opens a page, and goes to the provider's route if that is where it leads. Answers what is there. */
const open = (browser: HttpBrowser, path: string) =>
  browser.visit(app.url + path, {}, (url) => url.startsWith(app.url));

const codeOf = (page: Page) => new URL(page.location ?? page.url).searchParams.get("code");

describe("a page that asks for a recent sign-in", () => {
  it("sends the person to the provider and back to the very address, in a new session", async () => {
    const browser = await signedInLongAgo(app, "minsu");
    const before = browser.cookie(app.url, sessionCookie(app.url));
    const away = await open(browser, "/vault?shelf=3&q=a%20b");
    const asked = new URL(away.location ?? "");
    expect([away.status, asked.origin, asked.searchParams.get("max_age")]).toEqual([302, app.issuers.company, "60"]);
    const back = await meetProvider(app, browser, away, "minsu");
    const returned = await browser.request(back.location ?? "");
    expect(returned.location).toBe(`${app.url}/vault?shelf=3&q=a%20b`);
    expect((await browser.request(returned.location ?? "")).body).toContain("The vault of");
    expect(browser.cookie(app.url, sessionCookie(app.url))).not.toBe(before);
    const ends = await app.rows(
      `SELECT "endReason" FROM "Session" WHERE subject = 'minsu' ORDER BY "createdAt" DESC LIMIT 2`,
    );
    expect(ends).toEqual([{ endReason: null }, { endReason: "replaced" }]);
  });

  it("lets a tab that asked a moment before another one signed in go on to its page", async () => {
    const browser = await signedInLongAgo(app, "haneul");
    const late = (await browser.request(`${app.url}/vault?tab=2`)).location ?? "";
    const first = await meetProvider(app, browser, await open(browser, "/vault?tab=1"), "haneul");
    await browser.request(first.location ?? "");
    const answered = await browser.request(late);
    expect([answered.status, answered.location]).toEqual([303, `${app.url}/vault?tab=2`]);
    expect((await browser.request(answered.location ?? "")).body).toContain("The vault of");
  });

  it("refuses another person, and leaves the first one signed in", async () => {
    const browser = await signedInLongAgo(app, "minsu");
    const back = await meetProvider(app, browser, await open(browser, "/vault"), "minsu");
    // Choosing haneul there would sign minsu out at the provider, which would then end this session as well.
    const fault = { kind: "id_token", setClaims: { sub: "haneul" } } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    expect(codeOf(await browser.request(back.location ?? ""))).toBe("identity_mismatch");
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
  });

  it.each([
    ["leaves auth_time out", { removeClaims: ["auth_time"] }],
    ["sends an old auth_time", { setClaims: { auth_time: 1_000_000 } }],
  ])("refuses a provider that %s, without asking again and again", async (_, change) => {
    const browser = await signedInLongAgo(app, "eunji");
    const back = await meetProvider(app, browser, await open(browser, "/vault"), "eunji");
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", ...change } });
    expect(codeOf(await browser.request(back.location ?? ""))).toBe("id_token_invalid");
    expect(await whoIs(app, browser)).toMatchObject({ sub: "eunji" });
  });
});

describe("a page that asks for a stronger sign-in", () => {
  it("gets it from the provider", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const away = await open(browser, "/vault/strong");
    expect(new URL(away.location ?? "").searchParams.get("acr_values")).toBe("urn:daemun:acr:2");
    const back = await meetProvider(app, browser, away, "jiwoo");
    const page = await browser.visit(back.location ?? "");
    expect([page.url, page.status]).toEqual([`${app.url}/vault/strong`, 200]);
    expect(await app.rows(`SELECT acr FROM "Session" WHERE subject = 'jiwoo' AND "endedAt" IS NULL`)).toEqual([
      { acr: "urn:daemun:acr:2" },
    ]);
  });

  it.each([
    ["none", { removeClaims: ["acr"] }],
    ["a weaker one", { setClaims: { acr: "urn:daemun:acr:1" } }],
  ])("refuses %s", async (_, change) => {
    const browser = await signedIn(app, { user: "blank" });
    const back = await meetProvider(app, browser, await open(browser, "/vault/strong"), "blank");
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", ...change } });
    expect(codeOf(await browser.request(back.location ?? ""))).toBe("id_token_invalid");
    expect((await open(browser, "/vault/strong")).body).not.toContain("The strong vault");
  });
});

describe("a server action", () => {
  it("works for who is signed in, and is refused at once to a session that was ended (SC-05, CC-04)", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const page = await browser.request(`${app.url}/notes`);
    expect((await submitAction(browser, page, { note: "milk" })).body).toContain("haneul noted");
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'haneul'`);
    const refused = await submitAction(browser, page, { note: "milk" });
    expect(refused.body).not.toContain("noted");
    expect([refused.status, new URL(refused.location ?? "").pathname]).toEqual([303, "/sign-in"]);
    expect(new URL(refused.location ?? "").searchParams.get("error")).toBe("session_revoked");
  });
});
