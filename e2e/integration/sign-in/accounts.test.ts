import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { count, expectRefused, lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { shareTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(async () => {
  await app.control.clearFaults("company");
  await app.control.clearFaults("partner");
});
afterAll(() => app.close());

const code = (location: string | null) => new URL(location ?? "").searchParams.get("code");

describe("whose account it is", () => {
  it.each([
    ["verified", "p-haneul", "haneul"],
    ["unverified", "p-minsu", "minsu"],
  ])(
    "ID-10: a stranger with somebody's e-mail (%s) at another provider gets neither their account nor a link",
    async (_what, stranger, owner) => {
      const browser = await signedIn(app, { user: owner });
      const me = await whoIs(app, browser);
      const answered = await signIn(app, new HttpBrowser(), { provider: "partner", user: stranger });
      expect(code(answered.location)).toBe("account_not_linked");
      expect(await app.rows(`SELECT provider FROM "Account" WHERE "userId" = $1`, [me?.user.id])).toEqual([
        { provider: "company" },
      ]);
      expect(await lastAudit(app, "sign_in.failed")).toMatchObject({
        reason: "account_not_linked",
        detail: { cause: "email_taken" },
      });
      const page = await browser.request(answered.location ?? "");
      expect(page.status).toBe(403);
    },
  );

  it.each([
    ["verified", { email_verified: true }, []],
    ["false", { email_verified: false }, []],
    ["the string true", { email_verified: "true" }, []],
    ["the number 1", { email_verified: 1 }, []],
    ["absent", {}, ["email_verified"]],
    ["of another case", { email: "HANEUL@Company.Example", email_verified: true }, []],
  ])(
    "ID-10: another provider that asserts somebody's address, email_verified %s, opens nobody's account",
    async (_what, claims, removed) => {
      const owner = await signedIn(app, { user: "haneul" });
      const asserted = { setClaims: { email: "haneul@company.example", ...claims }, removeClaims: removed };
      await app.control.addFault("partner", { endpoint: "token", fault: { kind: "id_token", ...asserted } });
      await app.control.addFault("partner", { endpoint: "userinfo", fault: { kind: "userinfo", ...asserted } });
      const before = await count(app);
      const stranger = new HttpBrowser();
      const answered = await signIn(app, stranger, { provider: "partner", user: "p-minsu" });
      await expectRefused(app, stranger, answered, { before, code: "account_not_linked" });
      expect(stranger.cookieNames(app.url).filter((name) => /^daemun\.(?:session|tx)/.test(name))).toEqual([]);
      expect(await lastAudit(app, "sign_in.failed")).toMatchObject({
        provider: "partner",
        issuer: app.issuers.partner,
        detail: { cause: "email_taken" },
      });
      expect((await whoIs(app, owner))?.sub).toBe("haneul");
    },
  );

  it("ID-10: an address that nobody has, email_verified the string true, is not believed either", async () => {
    const asserted = { setClaims: { email: "nobodys@company.example", email_verified: "true" } };
    await app.control.addFault("partner", { endpoint: "token", fault: { kind: "id_token", ...asserted } });
    await app.control.addFault("partner", { endpoint: "userinfo", fault: { kind: "userinfo", ...asserted } });
    const browser = await signedIn(app, { provider: "partner", user: "p-minsu" });
    const me = await whoIs(app, browser);
    expect(await app.rows(`SELECT email, "emailVerified" FROM "User" WHERE id = $1`, [me?.user.id])).toEqual([
      { email: null, emailVerified: null },
    ]);
  });

  it("ID-10: the same sub at another issuer is another person, with an account and sessions of their own", async () => {
    const one = await signedIn(app, { user: "haneul" });
    const other = await signedIn(app, { provider: "partner", user: "haneul" });
    const [mine, theirs] = [await whoIs(app, one), await whoIs(app, other)];
    expect(mine?.user.id).not.toBe(theirs?.user.id);
    expect(
      await app.rows(
        `SELECT "userId", provider, issuer FROM "Account" WHERE "providerAccountId" = 'haneul' ORDER BY provider`,
      ),
    ).toEqual([
      { userId: mine?.user.id, provider: "company", issuer: app.issuers.company },
      { userId: theirs?.user.id, provider: "partner", issuer: app.issuers.partner },
    ]);
    expect(await lastAudit(app, "sign_in.succeeded")).toMatchObject({
      userId: theirs?.user.id,
      provider: "partner",
      detail: { sub: "haneul", first: true },
    });
    const page = await other.request(`${app.url}/account`);
    expect(page.body).not.toContain("haneul@company.example");
    // "Everywhere" is everywhere of one person.
    const left = await other.submit(await other.request(`${app.url}/sign-out`), 'data-scope="everywhere"');
    expect(left.status).toBe(303);
    expect((await whoIs(app, one))?.user.id).toBe(mine?.user.id);
  });

  it("an unverified address takes no place: its owner can still come and have it", async () => {
    await signedIn(app, { user: "eunji" });
    const [row] = await app.rows<{ email: string | null }>(
      `SELECT u.email FROM "User" u JOIN "Account" a ON a."userId" = u.id WHERE a."providerAccountId" = 'eunji'`,
    );
    expect(row?.email).toBeNull();
  });

  it("an address that was verified later is known at the next sign-in", async () => {
    await app.control.changeUser("company", "eunji", { emailVerified: true });
    const browser = await signedIn(app, { user: "eunji" });
    const me = await whoIs(app, browser);
    const [row] = await app.rows<{ email: string | null }>(`SELECT email FROM "User" WHERE id = $1`, [me?.user.id]);
    expect(row?.email).toMatch(/@/);
  });

  it("whoever changed their address at the provider has the new one here, and the former one is free for its next owner", async () => {
    const address = "before@company.example";
    const mover = { sub: "mover", login: "mover", name: "Mover" };
    await app.control.putUser("company", { ...mover, email: address, emailVerified: true });
    const me = await whoIs(app, await signedIn(app, { user: "mover" }));
    const mine = () =>
      app.rows(`SELECT email, "emailVerified" IS NOT NULL verified FROM "User" WHERE id = $1`, [me?.user.id]);
    expect(await mine()).toEqual([{ email: address, verified: true }]);

    await app.control.putUser("company", { ...mover, email: "after@company.example", emailVerified: true });
    await signedIn(app, { user: "mover" });
    expect(await mine()).toEqual([{ email: "after@company.example", verified: true }]);
    await app.control.putUser("company", { sub: "next", login: "next", email: address, emailVerified: true });
    expect(await lastAudit(app, "account.address_changed")).toMatchObject({ userId: me?.user.id, detail: {} });
    const next = await whoIs(app, await signedIn(app, { user: "next" }));
    expect(next?.user).toMatchObject({ email: address });

    // Not verified yet, or somebody else's here: theirs no more, and nobody's in its place.
    for (const [email, emailVerified] of [
      ["unproven@company.example", false],
      [address, true],
    ] as const) {
      await app.control.putUser("company", { ...mover, email, emailVerified });
      await signedIn(app, { user: "mover" });
      expect(await mine()).toEqual([{ email: null, verified: false }]);
    }
    // Nothing said is nothing changed.
    await app.control.putUser("company", { ...mover, email: "after@company.example", emailVerified: true });
    await signedIn(app, { user: "mover" });
    await app.control.putUser("company", mover);
    await signedIn(app, { user: "mover" });
    expect(await mine()).toEqual([{ email: "after@company.example", verified: true }]);
  });

  it("userinfo cannot vouch for the ID token's address", async () => {
    const sub = "jiwoo";
    await app.control.addFault("company", {
      endpoint: "token",
      fault: { kind: "id_token", setClaims: { email: "somebody@else.example" }, removeClaims: ["email_verified"] },
    });
    await app.control.addFault("company", {
      endpoint: "userinfo",
      fault: { kind: "userinfo", setClaims: { email: "me@mine.example", email_verified: true } },
    });
    const browser = await signedIn(app, { user: sub });
    const me = await whoIs(app, browser);
    expect(await app.rows(`SELECT email FROM "User" WHERE id = $1`, [me?.user.id])).toEqual([{ email: null }]);
  });

  it("a provider that is pointed at another issuer gives nobody the accounts of the first", async () => {
    const browser = await signedIn(app, { user: "blank" });
    const me = await whoIs(app, browser);
    await app.rows(`UPDATE "Account" SET issuer = 'https://former.example' WHERE "userId" = $1`, [me?.user.id]);
    const answered = await signIn(app, new HttpBrowser(), { user: "blank" });
    expect(code(answered.location)).toBe("account_not_linked");
  });
});
