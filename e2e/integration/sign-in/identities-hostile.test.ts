import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { codeOf, tokenOfForms } from "../../support/connecting";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import {
  forgetUsers,
  identitiesOf,
  identitiesOfUser,
  linkCallback,
  linkIdentity,
  startLinking,
  unlink,
} from "../../support/linking";
import { meetProvider, shareTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.shareSibling();
});
afterEach(() => forgetUsers(app));
afterAll(() => app.close());

const atSibling = (address: string) => address.replace(app.url, sibling.url);
const transactions = (browser: HttpBrowser) =>
  browser.cookieNames(app.url).filter((name) => name.startsWith("daemun.tx."));
const exchanges = async () => (await app.control.journal("partner", { endpoint: "token" })).length;

describe("a callback of a linking", () => {
  it("in another browser links nothing, to nobody", async () => {
    const [attacker, victim] = [await signedIn(app, { user: "haneul" }), await signedIn(app)];
    const callback = await linkCallback(app, attacker);
    await victim.request(callback);
    expect([await identitiesOf(app, victim), await exchanges()]).toEqual([["company minsu"], 0]);
  });

  it.each(["minsu", "haneul"])("in another session links nothing: %s signed in meanwhile", async (user) => {
    const browser = await signedIn(app);
    const callback = await linkCallback(app, browser);
    const later = await signedIn(app, { user });
    for (const name of transactions(browser)) later.setCookie(app.url, name, browser.cookie(app.url, name) ?? "");
    expect(codeOf(await later.request(callback))).toBe("state_mismatch");
    expect([await identitiesOf(app, later), await exchanges()]).toEqual([[`company ${user}`], 0]);
    expect(await lastAudit(app, "account.linked")).toMatchObject({ outcome: "failure", reason: "state_mismatch" });
    expect(transactions(later)).toEqual([]);
  });

  it("after the session has ended links nothing, and signs nobody in", async () => {
    const browser = await signedIn(app);
    const me = await whoIs(app, browser);
    const callback = await linkCallback(app, browser);
    await app.rows(`UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked'`);
    const answered = await browser.request(callback);
    expect(answered.location).toMatch(/\/sign-in\?returnTo=%2Faccount%2Fidentities&error=session_revoked/);
    expect([await identitiesOfUser(app, me?.user.id), await exchanges()]).toEqual([["company minsu"], 0]);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("at another provider's route links nothing", async () => {
    const browser = await signedIn(app);
    const callback = await linkCallback(app, browser);
    expect(codeOf(await browser.request(callback.replace("/callback/partner", "/callback/company")))).toBe(
      "state_mismatch",
    );
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
  });

  it("that says another issuer links nothing", async () => {
    const browser = await signedIn(app);
    const callback = new URL(await linkCallback(app, browser));
    callback.searchParams.set("iss", app.issuers.company ?? "");
    expect(codeOf(await browser.request(callback.href))).toBe("issuer_mismatch");
    expect([await identitiesOf(app, browser), await exchanges()]).toEqual([["company minsu"], 0]);
  });

  it("with an ID token that does not verify links nothing", async () => {
    const browser = await signedIn(app);
    const callback = await linkCallback(app, browser);
    await app.control.addFault("partner", {
      endpoint: "token",
      fault: { kind: "id_token", setClaims: { nonce: "x" } },
    });
    expect(codeOf(await browser.request(callback))).toBe("id_token_invalid");
    expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
  });

  it("that comes twice at once, at two instances, links once and leads to the page both times", async () => {
    const browser = await signedIn(app);
    const callback = await linkCallback(app, browser);
    const twin = browser.clone();
    await Promise.all([browser.request(callback), twin.request(atSibling(callback))]);
    expect([await identitiesOf(app, browser), await exchanges()]).toEqual([["company minsu", "partner seoyeon"], 1]);
    expect((await twin.request(callback)).location).toBe(`${app.url}/account/identities?linked=partner`);
  });

  it("of a user who is disabled, or deleted, on the way links nothing", async () => {
    const [disabled, deleted] = [await signedIn(app), await signedIn(app, { user: "haneul" })];
    const [one, two] = [await linkCallback(app, disabled), await linkCallback(app, deleted, { user: "p-haneul" })];
    const me = await whoIs(app, disabled);
    await app.rows(`UPDATE "User" SET "disabledAt" = now() WHERE id = $1`, [me?.user.id]);
    expect(codeOf(await disabled.request(one))).toBe("account_disabled");
    await app.rows(`DELETE FROM "User" WHERE id <> $1`, [me?.user.id]);
    expect((await deleted.request(two)).location).toContain("/sign-in?");
    expect(await identitiesOfUser(app, me?.user.id)).toEqual(["company minsu"]);
    expect(await app.rows(`SELECT count(*)::int AS n FROM "Account"`)).toEqual([{ n: 1 }]);
  });
});

describe("a form that is not ours", () => {
  const wishes: [string, Record<string, string>, Record<string, string>][] = [
    ["without a token", { csrfToken: "" }, {}],
    ["from another site", {}, { Origin: "https://evil.example" }],
  ];
  it.each(wishes)("%s changes nothing", async (_, fields, headers) => {
    const browser = await signedIn(app);
    await linkIdentity(app, browser);
    for (const send of [startLinking, unlink]) {
      expect(codeOf(await send(app, browser, { fields, headers }))).toBe("csrf_rejected");
    }
    expect(await identitiesOf(app, browser)).toEqual(["company minsu", "partner seoyeon"]);
  });

  it("with the token of another session changes nothing", async () => {
    const [browser, other] = [await signedIn(app), await signedIn(app, { user: "haneul" })];
    await linkIdentity(app, browser);
    const fields = { csrfToken: await tokenOfForms(app, other) };
    expect(codeOf(await unlink(app, browser, { fields }))).toBe("csrf_rejected");
    expect(await identitiesOf(app, browser)).toEqual(["company minsu", "partner seoyeon"]);
  });

  it("names what the user does not have, or nobody has: nothing of anybody's is touched", async () => {
    const [browser, other] = [await signedIn(app), await signedIn(app, { provider: "partner", user: "seoyeon" })];
    expect((await unlink(app, browser)).status).toBe(303);
    expect(await identitiesOf(app, other)).toEqual(["partner seoyeon"]);
    for (const provider of ["nobody", "..%2Fx", "%00", "__proto__", "x".repeat(300)]) {
      expect([provider, codeOf(await unlink(app, browser, { provider }))]).toEqual([provider, expect.any(String)]);
      expect([provider, codeOf(await startLinking(app, browser, { provider }))]).toEqual([
        provider,
        expect.any(String),
      ]);
    }
    expect(
      (await new HttpBrowser().fetch(`${app.url}/api/account/identities/partner/unlink`, { method: "POST" })).status,
    ).toBe(401);
    expect((await browser.request(`${app.url}/api/account/identities/partner/unlink`)).status).toBe(405);
  });
});

describe("two at once", () => {
  const codes = (pages: Page[]) => pages.map((each) => codeOf(each)).sort();

  it("the last two methods removed at once, on two instances: exactly one is refused", async () => {
    for (let round = 0; round < 5; round += 1) {
      const browser = await signedIn(app);
      await linkIdentity(app, browser);
      const me = await whoIs(app, browser);
      const other = await signedIn(app, { provider: "partner", user: "seoyeon" });
      // Each removes the other one's, so that neither ends its own session.
      const pages = await Promise.all([
        unlink(app, browser, { provider: "partner" }),
        unlink(app, other, { provider: "company", base: sibling.url }),
      ]);
      expect(pages.map(({ status }) => status)).toEqual([303, 303]);
      expect((await identitiesOfUser(app, me?.user.id)).length).toBe(1);
      // The one that came second was refused: for being the last, or because its session had ended with the first.
      expect(codes(pages).filter((code) => code !== null)).toEqual([
        expect.stringMatching(/^(?:last_sign_in_method|session_revoked)$/),
      ]);
      await forgetUsers(app);
    }
  });

  it("both removed at once in two tabs of one session: exactly one is refused", async () => {
    for (let round = 0; round < 5; round += 1) {
      const browser = await signedIn(app);
      await linkIdentity(app, browser);
      const me = await whoIs(app, browser);
      const tab = browser.clone();
      const pages = await Promise.all([
        unlink(app, browser, { provider: "partner" }),
        unlink(app, tab, { provider: "company", base: sibling.url }),
      ]);
      expect((await identitiesOfUser(app, me?.user.id)).length).toBe(1);
      expect(codes(pages).filter((code) => code !== null)).toHaveLength(1);
      await forgetUsers(app);
    }
  });

  it("the same identity linked by two users at once: one has it, the other is told", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, two] = [await signedIn(app), await signedIn(app, { user: "haneul" })];
      const [first, second] = [await linkCallback(app, one), await linkCallback(app, two)];
      const pages = await Promise.all([one.request(first), two.request(atSibling(second))]);
      expect(codes(pages)).toEqual(["identity_in_use", null].sort());
      const linked = [...(await identitiesOf(app, one)), ...(await identitiesOf(app, two))];
      expect(linked.filter((each) => each === "partner seoyeon")).toHaveLength(1);
      await forgetUsers(app);
    }
  });

  it("linked while a stranger signs in with it for the first time: it is one user's, and nothing is half", async () => {
    for (let round = 0; round < 5; round += 1) {
      const browser = await signedIn(app);
      const stranger = new HttpBrowser();
      const callback = await linkCallback(app, browser);
      const started = await startSignIn(app, stranger, { provider: "partner" });
      const back = await meetProvider(app, stranger, started, "seoyeon");
      await Promise.all([browser.request(callback), stranger.request(atSibling(back.location ?? ""))]);
      const owners = await app.rows<{ userId: string }>(
        `SELECT "userId" FROM "Account" WHERE "providerAccountId" = 'seoyeon'`,
      );
      expect(owners).toHaveLength(1);
      expect((await whoIs(app, stranger))?.user.id).toBe(owners[0]?.userId);
      await forgetUsers(app);
    }
  });

  it("removed while somebody signs in with it: that session does not live on", async () => {
    for (let round = 0; round < 5; round += 1) {
      const browser = await signedIn(app);
      await linkIdentity(app, browser);
      const me = await whoIs(app, browser);
      const other = new HttpBrowser();
      const back = await meetProvider(app, other, await startSignIn(app, other, { provider: "partner" }), "seoyeon");
      await Promise.all([unlink(app, browser), other.request(atSibling(back.location ?? ""))]);
      expect((await whoIs(app, other))?.user.id).not.toBe(me?.user.id);
      expect(await identitiesOf(app, browser)).toEqual(["company minsu"]);
      await forgetUsers(app);
    }
  });
});

describe("a provider that signs its user out", () => {
  it("ends the sessions of that identity, and not those that the same user opened with another", async () => {
    const browser = await signedIn(app);
    await linkIdentity(app, browser);
    const other = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const answered = await app.control.backchannelLogout("partner", { clientId: "daemun", sub: "seoyeon" });
    expect(answered).toMatchObject({ status: 200 });
    expect(await whoIs(app, other)).toBeNull();
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });
});
