import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lastAudit } from "./expectations";
import { type House, openHouse, signedIn, signIn, whoIs } from "./house";
import { HttpBrowser } from "./http-browser";

let house: House;
beforeAll(async () => {
  house = await openHouse();
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
