import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitOf } from "../../../dev/process/child";
import { root } from "../../../dev/run/build";
import { readSources } from "../../../dev/run/import-graph";
import { openSession, spawnSessionProcess } from "../../fixtures/sessions";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

// Sessions that no provider was asked for: what e2e/fixtures gives to tests, and nobody else can have.

let app: TestApp;

beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const whoIs = async (cookie: { name: string; value: string }) => {
  const answer = await fetch(`${app.url}/api/me`, { headers: { cookie: `${cookie.name}=${cookie.value}` } });
  return { status: answer.status, body: await answer.json() };
};

describe("a session that a test opens without a sign-in", () => {
  it("has the rows of a sign-in: user, linked identity, session, grant, device and audit", async () => {
    const { userId, cookie } = await openSession(app, "minsu");
    expect(await whoIs(cookie)).toMatchObject({ status: 200, body: { sub: "minsu", user: { id: userId } } });
    for (const table of ["Account", "Session", "Grant", "Device"]) {
      expect(await app.rows(`SELECT 1 FROM "${table}" WHERE "userId" = $1`, [userId]), table).toHaveLength(1);
    }
    const events = await app.rows('SELECT event FROM "AuditEvent" WHERE "userId" = $1', [userId]);
    expect(events).toEqual([{ event: "sign_in.succeeded" }]);
  });

  it("is the same user's as a sign-in with the provider's pages", async () => {
    const { userId } = await openSession(app, "eunji");
    const browser = await signedIn(app, { user: "eunji" });
    const answer = await browser.fetch(`${app.url}/api/me`);
    expect(JSON.parse(answer.body).user.id).toBe(userId);
  });

  it("has the roles and organizations that the test named, as far as the provider is trusted with them", async () => {
    const { userId } = await openSession(app, "blank", { roles: ["support"], organizations: { org_maru: ["member"] } });
    const [row] = await app.rows('SELECT roles, claims FROM "Session" WHERE "userId" = $1', [userId]);
    expect(row).toMatchObject({
      roles: ["support"],
      claims: { organizations: ["org_maru"], organization_roles: ["org_maru:member"] },
    });
  });

  it("is refused where the sign-in would be", async () => {
    const { userId } = await openSession(app, "jiwoo");
    await app.rows('UPDATE "User" SET "disabledAt" = now() WHERE id = $1', [userId]);
    await expect(openSession(app, "jiwoo")).rejects.toThrow("account_disabled");
  });

  it("has no token: a service is not called for it", async () => {
    const { cookie } = await openSession(app, "minsu");
    const headers = { cookie: `${cookie.name}=${cookie.value}`, "X-CSRF": "1", "Sec-Fetch-Site": "same-origin" };
    const answer = await fetch(`${app.url}/api/services/shopping/orders`, { headers });
    expect([answer.status, (await answer.json()).error]).toEqual([503, "refresh_token_missing"]);
  });
});

describe("in production nobody gets a session without a sign-in", () => {
  const production = {
    AUTH_URL: "https://app.company.test",
    ALLOW_HTTP_LOOPBACK: "",
    // Providers have to be on https there.
    AUTH_COMPANY_ISSUER: "https://login.company.test",
    AUTH_PARTNER_ISSUER: "https://login.partner.test",
    SERVICE_NOTES_URL: "https://notes.company.test",
    SERVICE_NOTES_ISSUER: "https://notes.company.test",
    SERVICE_SHOPPING_URL: "",
    SERVICE_STORE_URL: "",
  };

  it.each([
    ["without DAEMUN_DEMO", { ...production, DAEMUN_DEMO: "" }],
    ["with DAEMUN_DEMO and an address that others can reach", { ...production, DAEMUN_DEMO: "1" }],
  ])("%s what opens them ends before it asks the database", async (_, told) => {
    const { child, output, letGo } = spawnSessionProcess({ ...app.environment, ...told });
    const code = await Promise.race([exitOf(child), once(child, "message").then(() => "ready")]);
    letGo();
    child.kill("SIGKILL");
    expect([code, output()]).toEqual([1, expect.stringContaining("Sessions without a sign-in are for tests")]);
  });

  it("nothing that is deployed imports it, and the build has nothing of it", () => {
    const deployed = readSources().filter(({ path }) => /^(?:app|edge|server|ui)\/|^[^/]+\.ts$/.test(path));
    const tools = /^(?:playwright|vitest|prisma)\.config\.ts$/;
    expect(deployed.length).toBeGreaterThan(100);
    for (const { path, imports } of deployed.filter(({ path }) => !tools.test(path)))
      expect(
        imports.filter((target) => target.startsWith("e2e/")),
        path,
      ).toEqual([]);
    const built = join(root, ".next/server");
    const files = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((path) => /\.m?js$/.test(path));
    expect(files.length).toBeGreaterThan(50);
    const with_ = files.filter((path) =>
      readFileSync(join(built, path), "utf8").includes("Sessions without a sign-in"),
    );
    expect(with_).toEqual([]);
  });

  it("a cookie that was sealed with another secret opens nothing", async () => {
    const { cookie } = await openSession(app, "minsu");
    const browser = new HttpBrowser();
    const stranger = await openTestApp();
    try {
      const answer = await fetch(`${stranger.url}/api/me`, { headers: { cookie: `${cookie.name}=${cookie.value}` } });
      expect([answer.status, (await browser.request(`${stranger.url}/account`)).status]).toEqual([401, 307]);
    } finally {
      await stranger.close();
    }
  });
});
