import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { codeOf } from "../../support/connecting";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { forgetUsers, identitiesOf, linkCallback, linkIdentity, startLinking, unlink } from "../../support/linking";
import {
  meetProvider,
  shareTestApp,
  signedIn,
  signedInLongAgo,
  signIn,
  type TestApp,
  whoIs,
} from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(() => forgetUsers(app));
afterAll(() => app.close());

const page = () => `${app.url}/account/identities`;

describe("linking another provider", () => {
  it("opens the same account from then on, tells the trail, and leaves the session as it was", async () => {
    const browser = await signedIn(app);
    const me = await whoIs(app, browser);
    const answered = await linkIdentity(app, browser);
    expect([answered.status, answered.location]).toEqual([303, `${page()}?linked=partner`]);
    expect(await identitiesOf(app, browser)).toEqual(["company minsu", "partner seoyeon"]);
    expect(await whoIs(app, browser)).toEqual(me);
    expect(await lastAudit(app, "account.linked")).toMatchObject({
      outcome: "success",
      userId: me?.user.id,
      provider: "partner",
      issuer: app.issuers.partner,
      detail: { sub: "seoyeon" },
    });
    const other = await signedIn(app, { provider: "partner", user: "seoyeon" });
    expect((await whoIs(app, other))?.user.id).toBe(me?.user.id);
    expect(await app.rows(`SELECT count(*)::int AS n FROM "User"`)).toEqual([{ n: 1 }]);
  });

  it("shows each with its address, as its provider said it", async () => {
    const browser = await signedIn(app);
    await linkIdentity(app, browser, { user: "p-minsu" });
    const { body } = await browser.request(page());
    expect([...body.matchAll(/data-identity="(\w+)"/g)].map(([, id]) => id)).toEqual(["company", "partner"]);
    const [own, linked] = body.split('data-identity="partner"');
    expect(own).toContain("minsu@company.example");
    // Not verified there: it is shown, and counts for nothing.
    expect(linked).toMatch(/minsu@company\.example[\s\S]*?Not verified/);
    expect(linked).toContain("Not used yet");
  });

  it("lets the user choose the account there, and gives back the tokens that nobody needs", async () => {
    const browser = await signedIn(app);
    const started = await startLinking(app, browser);
    expect(new URL(started.location ?? "").searchParams.get("prompt")).toBe("select_account");
    const back = await meetProvider(app, browser, started, "seoyeon");
    expect((await browser.request(back.location ?? "")).status).toBe(303);
    const [token] = (await app.control.issued("partner")).map(({ refreshToken }) => refreshToken);
    expect(token).toBeTruthy();
    const revoked = async () =>
      (await app.control.journal("partner", { endpoint: "revocation" })).map((r) => r.form.token);
    await expect.poll(revoked).toEqual([token]);
  });

  it("begins after a recent sign-in only, and comes back to where it was to begin", async () => {
    const browser = await signedInLongAgo(app, "minsu");
    const asked = await startLinking(app, browser);
    expect(asked.location).toContain("/api/session/step-up?");
    const confirming = await browser.request(asked.location ?? "");
    expect(new URL(confirming.location ?? "").searchParams.get("max_age")).toBe("600");
    const back = await meetProvider(app, browser, confirming, "minsu");
    expect((await browser.request(back.location ?? "")).location).toBe(`${page()}?provider=partner`);
    expect((await browser.request(`${page()}?provider=partner`)).body).toContain("Add partner to finish");
    expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(200);
  });

  it("that the user calls off changes nothing, and leads back", async () => {
    const browser = await signedIn(app);
    const started = await startLinking(app, browser);
    const asking = await browser.visit(started.location ?? "", {}, (url) => !url.startsWith(app.url));
    const cancelled = await browser.submit(asking, 'data-form="cancel"');
    const back = await browser.visit(cancelled.location ?? "", {}, (url) => !url.startsWith(app.url));
    expect((await browser.request(back.location ?? "")).location).toBe(page());
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
  });

  it("of an account that belongs to another user is refused, and nothing is merged", async () => {
    const owner = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const browser = await signedIn(app);
    const answered = await linkIdentity(app, browser);
    expect([answered.status, codeOf(answered)]).toEqual([303, "identity_in_use"]);
    expect((await browser.request(answered.location ?? "")).status).toBe(409);
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
    expect(await identitiesOf(app, owner)).toEqual(["partner seoyeon"]);
    expect(await lastAudit(app, "account.linked")).toMatchObject({ outcome: "failure", reason: "identity_in_use" });
  });

  it("of a second account of a provider that is linked already is refused; the same one again is no fault", async () => {
    const browser = await signedIn(app);
    // Two other tabs, each with an answer of the provider's to bring.
    const [tab, twin] = [browser.clone(), browser.clone()];
    const late = await linkCallback(app, tab, { user: "haneul" });
    const again = await linkCallback(app, twin);
    expect((await linkIdentity(app, browser)).location).toBe(`${page()}?linked=partner`);
    expect(codeOf(await tab.request(late))).toBe("identity_mismatch");
    expect((await twin.request(again)).location).toBe(`${page()}?linked=partner`);
    expect((await startLinking(app, browser)).location).toBe(`${page()}?linked=partner`);
    expect(await identitiesOf(app, browser)).toEqual(["company minsu", "partner seoyeon"]);
  });
});

describe("unlinking", () => {
  it("ends the sessions that were opened with it and gives their tokens back; others go on", async () => {
    const browser = await signedIn(app);
    await linkIdentity(app, browser);
    const other = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const answered = await unlink(app, browser);
    expect(answered.location).toBe(`${page()}?unlinked=partner`);
    expect(await whoIs(app, other)).toBeNull();
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
    const token = (await app.control.issued("partner")).map(({ refreshToken }) => refreshToken).at(-1);
    const revoked = async () =>
      (await app.control.journal("partner", { endpoint: "revocation" })).map((r) => r.form.token);
    await expect.poll(revoked).toContain(token);
    expect(await lastAudit(app, "account.unlinked")).toMatchObject({
      outcome: "success",
      provider: "partner",
      detail: { sub: "seoyeon", count: 1 },
    });
    // It is a stranger's again, with a user of its own.
    const stranger = await signedIn(app, { provider: "partner", user: "seoyeon" });
    expect((await whoIs(app, stranger))?.user.id).not.toBe((await whoIs(app, browser))?.user.id);
  });

  it("the one that this session was opened with says so before, and signs this browser out", async () => {
    const browser = await signedIn(app);
    await linkIdentity(app, browser);
    expect((await browser.request(page())).body).toContain("so you are signed out on this device too");
    const answered = await unlink(app, browser, { provider: "company" });
    expect(answered.location).toBe(`${app.url}/signed-out`);
    expect(browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.session"))).toEqual([]);
    expect((await browser.request(answered.location ?? "")).body).toContain("You are signed out");
    const back = await signedIn(app, { provider: "partner", user: "seoyeon" });
    expect(await identitiesOf(app, back)).toEqual(["partner seoyeon"]);
  });

  it("takes the address off that it alone vouched for; one that is left and trusted keeps it", async () => {
    const addresses = () => app.rows(`SELECT email, "emailVerified" IS NOT NULL AS verified FROM "User"`);
    const browser = await signedIn(app);
    await linkIdentity(app, browser);
    const own = { email: "minsu@company.example", verified: true };
    expect(await addresses()).toEqual([own]);
    // As if the other provider had said the same address.
    const say = `UPDATE "Account" SET email = 'minsu@company.example', "emailVerified" = $1 WHERE provider = 'partner'`;
    await app.rows(say, [true]);
    await unlink(app, browser, { provider: "company" });
    expect(await addresses()).toEqual([own]);

    await forgetUsers(app);
    const other = await signedIn(app);
    await linkIdentity(app, other);
    await app.rows(say, [false]);
    await unlink(app, other, { provider: "company" });
    expect(await addresses()).toEqual([{ email: null, verified: false }]);
    // Its owner is no longer kept out by it.
    expect(await whoIs(app, await signedIn(app))).toMatchObject({ sub: "minsu" });
  });

  it("of a user with two, an address stays as long as one of them may still vouch for it, and its other brings its own then", async () => {
    const address = () => app.rows<{ email: string | null }>(`SELECT email FROM "User"`).then(([row]) => row?.email);
    await linkIdentity(app, await signedIn(app));
    // As of a release that did not keep what each identity says.
    await app.rows(`UPDATE "Account" SET email = NULL, "emailVerified" = NULL`);
    await app.rows(`UPDATE "User" SET email = 'minsu@before.example'`);
    await app.control.changeUser("partner", "seoyeon", { email: "seoyeon@partner.example", emailVerified: true });
    await signIn(app, new HttpBrowser(), { provider: "partner", user: "seoyeon" });
    expect(await address()).toBe("minsu@before.example");
    await signedIn(app);
    expect(await address()).toBe("minsu@company.example");
  });

  it("the last one is refused with 409, to a page and to a fetch", async () => {
    const browser = await signedIn(app);
    expect((await browser.request(page())).body).toContain("This is your only way to sign in");
    const answered = await unlink(app, browser, { provider: "company" });
    expect(codeOf(answered)).toBe("last_sign_in_method");
    expect((await browser.request(answered.location ?? "")).status).toBe(409);
    const fetched = await unlink(app, browser, { provider: "company", headers: { "Sec-Fetch-Mode": "cors" } });
    expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([409, "last_sign_in_method"]);
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
    expect(await lastAudit(app, "account.unlinked")).toMatchObject({
      outcome: "failure",
      reason: "last_sign_in_method",
    });
  });

  it("counts no method as left whose provider is no longer set up, but takes such a one away", async () => {
    const browser = await signedIn(app);
    const me = await whoIs(app, browser);
    const gone = `INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", issuer)
      VALUES (gen_random_uuid(), $1, 'oidc', 'gone', 'x', 'https://gone.example')`;
    await app.rows(gone, [me?.user.id]);
    expect(codeOf(await unlink(app, browser, { provider: "company" }))).toBe("last_sign_in_method");
    expect((await browser.request(page())).body).toContain("This app no longer offers gone");
    expect((await unlink(app, browser, { provider: "gone" })).location).toBe(`${page()}?unlinked=gone`);
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
  });

  it("happens after a recent sign-in only", async () => {
    const browser = await signedInLongAgo(app, "minsu");
    const asked = await unlink(app, browser, { provider: "company" });
    expect(asked.location).toContain("/api/session/step-up?");
    const fetched = await unlink(app, browser, { provider: "company", headers: { "Sec-Fetch-Mode": "cors" } });
    expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([401, "step_up_required"]);
  });
});

describe("FF-81: account_not_linked", () => {
  it("FF-81: leads to the sign-in methods in two clicks, with the provider chosen and the way back kept", async () => {
    await signedIn(app, { user: "haneul" });
    const browser = new HttpBrowser();
    const wanted = `/account/connections?${"x".repeat(300)}`;
    const refused = await signIn(app, browser, { provider: "partner", user: "p-haneul", returnTo: wanted });
    expect(codeOf(refused)).toBe("account_not_linked");
    const told = await browser.request(refused.location ?? "");
    const usual = /href="(\/sign-in\?returnTo=[^"]*)"/.exec(told.body)?.[1] ?? "";
    const choices = await browser.request(`${app.url}${usual}`);
    const back = await meetProvider(app, browser, await browser.submit(choices, 'data-provider="company"'), "haneul");
    expect((await browser.request(back.location ?? "")).location).toBe(page());
    const methods = await browser.request(page());
    expect(methods.body).toContain("Add partner to finish");
    const linking = await meetProvider(app, browser, await browser.submit(methods, 'data-link="partner"'), "p-haneul");
    expect((await browser.request(linking.location ?? "")).location).toBe(`${app.url}${wanted}`);
    expect(await identitiesOf(app, browser)).toEqual(["company haneul", "partner p-haneul"]);
    expect((await browser.request(page())).body).not.toContain("to finish");
    await signedIn(app, { provider: "partner", user: "p-haneul" });
  });

  it("a link to the page that names a provider or a change says nothing that is not so", async () => {
    const browser = await signedIn(app);
    const { body } = await browser.request(`${page()}?linked=company-x&provider=nobody&unlinked=company`);
    expect(body).not.toMatch(/role="status"/);
  });
});

describe("the method that was used last", () => {
  it("is named on the sign-in page of that browser, and nowhere else", async () => {
    const browser = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const own = await browser.request(`${app.url}/sign-in`);
    expect(own.body).toMatch(/data-provider="partner"[\s\S]*Last used[\s\S]*data-provider="company"/);
    expect((await new HttpBrowser().request(`${app.url}/sign-in`)).body).not.toContain("Last used");
    const [line] = browser.setCookies.filter((each) => each.startsWith("daemun.provider"));
    expect(line).toMatch(/^daemun\.provider\.\d+=partner; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax$/);
    const name = line?.split("=", 1)[0] ?? "";
    browser.setCookie(app.url, name, "<script>");
    expect((await browser.request(`${app.url}/sign-in`)).body).not.toContain("Last used");
  });

  it("is not remembered of a sign-in that was refused", async () => {
    await signedIn(app, { user: "haneul" });
    const browser = new HttpBrowser();
    await signIn(app, browser, { provider: "partner", user: "p-haneul" });
    expect(browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.provider"))).toEqual([]);
  });
});
