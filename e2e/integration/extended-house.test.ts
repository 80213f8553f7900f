import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openExtendedHouse } from "./extension/house";
import { type House, meetProvider, signedIn, signedInLongAgo, whoIs } from "./house";
import type { HttpBrowser, Page } from "./http-browser";
import { submitAction } from "./server-action";

let house: House;
beforeAll(async () => {
  house = await openExtendedHouse();
}, 240_000);
afterEach(async () => {
  await house.control.setClock("company", 0);
  await house.control.clearFaults("company");
});
afterAll(() => house?.close());

/** Opens a page, and goes to the provider's door if that is where it leads. Answers what is there. */
const open = (browser: HttpBrowser, path: string) =>
  browser.visit(house.url + path, {}, (url) => url.startsWith(house.url));

const codeOf = (page: Page) => new URL(page.location ?? page.url).searchParams.get("code");

describe("a page that asks for a recent sign-in", () => {
  it("sends the person to the provider and back to the very address, in a new session", async () => {
    const browser = await signedInLongAgo(house, "minsu");
    const before = browser.cookie(house.url, "daemun.session");
    const away = await open(browser, "/vault?shelf=3&q=a%20b");
    const asked = new URL(away.location ?? "");
    expect([away.status, asked.origin, asked.searchParams.get("max_age")]).toEqual([302, house.issuers.company, "60"]);
    const back = await meetProvider(house, browser, away, "minsu");
    const landed = await browser.request(back.location ?? "");
    expect(landed.location).toBe(`${house.url}/vault?shelf=3&q=a%20b`);
    expect((await browser.request(landed.location ?? "")).body).toContain("The vault of");
    expect(browser.cookie(house.url, "daemun.session")).not.toBe(before);
    const ends = await house.rows(
      `SELECT "endReason" FROM "Session" WHERE subject = 'minsu' ORDER BY "createdAt" DESC LIMIT 2`,
    );
    expect(ends).toEqual([{ endReason: null }, { endReason: "replaced" }]);
  });

  it("lets a tab that asked a moment before another one signed in go on to its page", async () => {
    const browser = await signedInLongAgo(house, "haneul");
    const late = (await browser.request(`${house.url}/vault?tab=2`)).location ?? "";
    const first = await meetProvider(house, browser, await open(browser, "/vault?tab=1"), "haneul");
    await browser.request(first.location ?? "");
    const answered = await browser.request(late);
    expect([answered.status, answered.location]).toEqual([303, `${house.url}/vault?tab=2`]);
    expect((await browser.request(answered.location ?? "")).body).toContain("The vault of");
  });

  it("refuses another person, and leaves the first one signed in", async () => {
    const browser = await signedInLongAgo(house, "minsu");
    const back = await meetProvider(house, browser, await open(browser, "/vault"), "minsu");
    // Choosing haneul there would sign minsu out at the provider, which would then end this session as well.
    const fault = { kind: "id_token", setClaims: { sub: "haneul" } } as const;
    await house.control.addFault("company", { endpoint: "token", fault });
    expect(codeOf(await browser.request(back.location ?? ""))).toBe("identity_mismatch");
    expect(await whoIs(house, browser)).toMatchObject({ sub: "minsu" });
  });

  it.each([
    ["leaves auth_time out", { removeClaims: ["auth_time"] }],
    ["sends an old auth_time", { setClaims: { auth_time: 1_000_000 } }],
  ])("refuses a provider that %s, without asking again and again", async (_, change) => {
    const browser = await signedInLongAgo(house, "eunji");
    const back = await meetProvider(house, browser, await open(browser, "/vault"), "eunji");
    await house.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", ...change } });
    expect(codeOf(await browser.request(back.location ?? ""))).toBe("id_token_invalid");
    expect(await whoIs(house, browser)).toMatchObject({ sub: "eunji" });
  });
});

describe("a page that asks for a stronger sign-in", () => {
  it("gets it from the provider", async () => {
    const browser = await signedIn(house, { person: "jiwoo" });
    const away = await open(browser, "/vault/strong");
    expect(new URL(away.location ?? "").searchParams.get("acr_values")).toBe("urn:daemun:acr:2");
    const back = await meetProvider(house, browser, away, "jiwoo");
    const page = await browser.visit(back.location ?? "");
    expect([page.url, page.status]).toEqual([`${house.url}/vault/strong`, 200]);
    expect(await house.rows(`SELECT acr FROM "Session" WHERE subject = 'jiwoo' AND "endedAt" IS NULL`)).toEqual([
      { acr: "urn:daemun:acr:2" },
    ]);
  });

  it.each([
    ["none", { removeClaims: ["acr"] }],
    ["a weaker one", { setClaims: { acr: "urn:daemun:acr:1" } }],
  ])("refuses %s", async (_, change) => {
    const browser = await signedIn(house, { person: "blank" });
    const back = await meetProvider(house, browser, await open(browser, "/vault/strong"), "blank");
    await house.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", ...change } });
    expect(codeOf(await browser.request(back.location ?? ""))).toBe("id_token_invalid");
    expect((await open(browser, "/vault/strong")).body).not.toContain("The strong vault");
  });
});

describe("a server action", () => {
  it("works for who is signed in, and is refused at once to a session that was ended (SC-05, CC-04)", async () => {
    const browser = await signedIn(house, { person: "haneul" });
    const page = await browser.request(`${house.url}/notes`);
    expect((await submitAction(browser, page, { note: "milk" })).body).toContain("haneul noted");
    await house.rows(
      `UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE subject = 'haneul'`,
    );
    const refused = await submitAction(browser, page, { note: "milk" });
    expect(refused.body).not.toContain("noted");
    expect([refused.status, new URL(refused.location ?? "").pathname]).toEqual([303, "/sign-in"]);
    expect(new URL(refused.location ?? "").searchParams.get("error")).toBe("session_revoked");
  });
});
