import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lastAudit } from "./expectations";
import { type House, openHouse, signedIn, signIn, whoIs } from "./house";
import { HttpBrowser } from "./http-browser";

let house: House;
beforeAll(async () => {
  house = await openHouse({ env: { SESSION_IDLE_SECONDS: "5", SESSION_ABSOLUTE_SECONDS: "600" } });
});
afterEach(async () => {
  await house.control.clearFaults("company");
});
afterAll(() => house.close());

const code = (location: string | null) => new URL(location ?? "").searchParams.get("code");

describe("whose account it is", () => {
  it.each([
    ["verified", "p-haneul", "haneul"],
    ["unverified", "p-minsu", "minsu"],
  ])(
    "ID-10: a stranger with somebody's e-mail (%s) at another provider gets neither their account nor a link",
    async (_what, stranger, owner) => {
      const browser = await signedIn(house, { person: owner });
      const me = await whoIs(house, browser);
      const answered = await signIn(house, new HttpBrowser(), { provider: "partner", person: stranger });
      expect(code(answered.location)).toBe("account_not_linked");
      expect(await house.rows(`SELECT provider FROM "Account" WHERE "userId" = $1`, [me?.user.id])).toEqual([
        { provider: "company" },
      ]);
      expect(await lastAudit(house, "sign_in.failed")).toMatchObject({
        reason: "account_not_linked",
        detail: { cause: "email_taken" },
      });
      const page = await browser.request(answered.location ?? "");
      expect(page.status).toBe(403);
    },
  );

  it("ID-10: the same sub at another issuer is another person", async () => {
    const [one, other] = [
      await signedIn(house, { person: "haneul" }),
      await signedIn(house, { provider: "partner", person: "haneul" }),
    ];
    expect((await whoIs(house, one))?.user.id).not.toBe((await whoIs(house, other))?.user.id);
  });

  it("an unverified address takes no place: its owner can still come and have it", async () => {
    await signedIn(house, { person: "eunji" });
    const [row] = await house.rows<{ email: string | null }>(
      `SELECT u.email FROM "User" u JOIN "Account" a ON a."userId" = u.id WHERE a."providerAccountId" = 'eunji'`,
    );
    expect(row?.email).toBeNull();
  });

  it("an address that was verified later is known at the next sign-in", async () => {
    await house.control.changePerson("company", "eunji", { emailVerified: true });
    const browser = await signedIn(house, { person: "eunji" });
    const me = await whoIs(house, browser);
    const [row] = await house.rows<{ email: string | null }>(`SELECT email FROM "User" WHERE id = $1`, [me?.user.id]);
    expect(row?.email).toMatch(/@/);
  });

  it("userinfo cannot vouch for the ID token's address", async () => {
    const sub = "jiwoo";
    await house.control.addFault("company", {
      endpoint: "token",
      fault: { kind: "id_token", setClaims: { email: "somebody@else.example" }, removeClaims: ["email_verified"] },
    });
    await house.control.addFault("company", {
      endpoint: "userinfo",
      fault: { kind: "userinfo", setClaims: { email: "me@mine.example", email_verified: true } },
    });
    const browser = await signedIn(house, { person: sub });
    const me = await whoIs(house, browser);
    expect(await house.rows(`SELECT email FROM "User" WHERE id = $1`, [me?.user.id])).toEqual([{ email: null }]);
  });

  it("a provider that is pointed at another issuer gives nobody the accounts of the first", async () => {
    const browser = await signedIn(house, { person: "blank" });
    const me = await whoIs(house, browser);
    await house.rows(`UPDATE "Account" SET issuer = 'https://former.example' WHERE "userId" = $1`, [me?.user.id]);
    const answered = await signIn(house, new HttpBrowser(), { person: "blank" });
    expect(code(answered.location)).toBe("account_not_linked");
  });
});

describe("how long a session lasts", () => {
  it("SC-06: a pause past the idle time ends it, with the reason told and recorded, and its tokens erased", async () => {
    const browser = await signedIn(house, { person: "maximilian" });
    const me = await whoIs(house, browser);
    const isOver = async () => (await browser.fetch(`${house.url}/api/session`)).body.includes('"authenticated":false');
    await expect.poll(isOver, { timeout: 15_000, interval: 500 }).toBe(true);
    const page = await browser.request(`${house.url}/account`);
    expect(new URL(page.location ?? "").searchParams.get("error")).toBe("session_idle");
    const refused = await browser.fetch(`${house.url}/api/me`);
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([401, "session_idle"]);
    const rows = await house.rows(
      `SELECT reason, detail FROM "AuditEvent" WHERE event = 'session.expired' AND "userId" = $1`,
      [me?.user.id],
    );
    expect(rows).toEqual([{ reason: "session_idle", detail: { cause: "idle" } }]);
    expect(
      await house.rows(
        `SELECT s."endReason", g."sealedRefreshToken" FROM "Session" s JOIN "Grant" g ON g."sessionId" = s.id WHERE s."userId" = $1`,
        [me?.user.id],
      ),
    ).toEqual([{ endReason: "session_idle", sealedRefreshToken: null }]);
  });

  it("SC-06: a person who goes on is not signed out, and the cookie is renewed", async () => {
    const browser = await signedIn(house, { person: "minsu" });
    const first = browser.cookie(house.url, "daemun.session");
    for (const until = Date.now() + 9000; Date.now() < until; ) {
      expect((await browser.request(`${house.url}/account`)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    expect(browser.cookie(house.url, "daemun.session")).not.toBe(first);
  });
});
