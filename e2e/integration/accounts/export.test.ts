import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chrome, Device, eventsOf, firefox, send, shareAccountsApp, signInOn, userIdIn } from "../../support/accounts";
import { connectNotes } from "../../support/connecting";
import type { Page } from "../../support/http-browser";
import { meetProvider, signedInLongAgo, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareAccountsApp();
});
afterAll(() => app.close());

const codeIn = ({ location }: Page) => new URL(location ?? "", app.url).searchParams.get("code");

describe("the export of an account", () => {
  it("has everything that rows say of its user, nothing that opens anything, and nothing of anybody else", async () => {
    const device = await signInOn(app, new Device(chrome, "198.51.100.40"), "haneul");
    await connectNotes(app, device, { user: "n-haneul" });
    const id = await userIdIn(app, device);
    const stranger = await signInOn(app, new Device(firefox, "203.0.113.40"), "minsu");
    const strangerId = await userIdIn(app, stranger);
    await app.rows(
      `INSERT INTO "AuditEvent" (event, outcome, "userId", ip, detail)
       SELECT 'admin.action', 'success', $1, '192.0.2.99', jsonb_build_object('act', 'enable', 'actor', 'admin', 'by', $2::text, 'n', n)
       FROM generate_series(1, 1200) n`,
      [id, strangerId],
    );
    const answered = await send(app, device, "export");
    expect(answered.status).toBe(200);
    expect(answered.headers.get("content-disposition")).toMatch(
      /^attachment; filename="account-\d{4}-\d\d-\d\d\.json"$/,
    );
    expect(answered.headers.get("cache-control")).toBe("private, no-store");
    const told = JSON.parse(answered.body);
    expect(told).toMatchObject({
      user: { id, email: "haneul@company.example" },
      accounts: [{ provider: "company", providerAccountId: "haneul" }],
      devices: [{ name: "Chrome, Windows" }],
      connections: [{ service: "notes" }],
    });
    expect(told.sessions[0]).toMatchObject({ claims: { sub: "haneul" }, ip: "198.51.100.40", userAgent: chrome });
    expect(told.sessions[0].deviceId).toBe(told.devices[0].id);
    expect(told.grants[0].accessTokens.length).toBeGreaterThan(0);
    const acts = told.activity.filter(({ event }: { event: string }) => event === "admin.action");
    expect(acts.map(({ detail }: { detail: { n: number } }) => detail.n)).toEqual(
      Array.from({ length: 1200 }, (_, at) => at + 1),
    );
    expect(told.activity.at(-1)).toMatchObject({ event: "account.exported" });

    const secrets = [...(await app.control.issued("company")), ...(await app.control.issued("notes"))].flatMap(
      ({ accessToken, refreshToken, idToken }) => [accessToken, refreshToken, idToken].flatMap((token) => token ?? []),
    );
    const columns = await app.rows<Record<string, string | null>>(
      `SELECT s."sessionToken", g."sealedRefreshToken", g."sealedIdToken", g."sealedProofKey", t."sealedToken", d."tokenHash"
       FROM "Grant" g LEFT JOIN "Session" s ON s.id = g."sessionId" LEFT JOIN "AccessToken" t ON t."grantId" = g.id
       LEFT JOIN "Device" d ON d."userId" = g."userId" WHERE g."userId" = $1`,
      [id],
    );
    secrets.push(...columns.flatMap((row) => Object.values(row).flatMap((value) => value ?? [])));
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of [...secrets, strangerId, "192.0.2.99"]) expect(answered.body).not.toContain(secret);
    expect(answered.body).not.toMatch(/v[12]\.[\w-]{1,32}\.[\w-]{16}\./);
  });

  it("is a user's own: no field of the form names another, and a foreign form gets nothing", async () => {
    const device = await signInOn(app, new Device(chrome, "198.51.100.41"), "jiwoo");
    const other = await signInOn(app, new Device(firefox, "203.0.113.41"), "eunji");
    const otherId = await userIdIn(app, other);
    const told = JSON.parse((await send(app, device, "export", { user: otherId, userId: otherId, id: otherId })).body);
    expect(told.accounts).toMatchObject([{ providerAccountId: "jiwoo" }]);
    const { csrfToken } = JSON.parse((await other.fetch(`${app.url}/api/auth/csrf`)).body);
    expect(codeIn(await send(app, device, "export", { csrfToken }))).toBe("csrf_rejected");
    expect((await device.request(`${app.url}/api/account/export`)).status).toBe(405);
    expect(await eventsOf(app, otherId)).not.toContain("account.exported");
  });

  it("waits, under a remembered session that its provider's grant did not outlive, until the user has confirmed who they are", async () => {
    const browser = await signedInLongAgo(app, "minsu");
    const id = await userIdIn(app, browser);
    const exports = async () => (await eventsOf(app, id)).filter((event) => event === "account.exported").length;
    const before = await exports();
    await app.rows(`UPDATE "Session" SET confirmation = 'asked' WHERE "userId" = $1 AND "endedAt" IS NULL`, [id]);
    const asked = await send(app, browser, "export");
    expect([asked.status, asked.location]).toEqual([303, expect.stringContaining("/api/session/step-up?")]);
    const fetched = await send(app, browser, "export", {}, { headers: { "Sec-Fetch-Mode": "cors" } });
    expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([401, "step_up_required"]);
    expect(await exports()).toBe(before);
    const confirming = await browser.request(asked.location ?? "");
    const back = await meetProvider(app, browser, confirming, "minsu");
    expect((await browser.request(back.location ?? "")).location).toBe(`${app.url}/account/data#export`);
    expect((await send(app, browser, "export")).status).toBe(200);
  });

  it("is had a few times a minute and no more", async () => {
    const device = await signInOn(app, new Device(chrome, "198.51.100.42"), "blank");
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await send(app, device, "export")).status);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(6);
    expect(statuses.at(-1)).toBe(429);
    expect(await whoIs(app, device)).toMatchObject({ sub: "blank" });
  });
});
