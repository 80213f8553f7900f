import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { buildForVercel } from "../../support/field/vercel";
import { startVercelHost } from "../../support/field/vercel-host";
import { HttpBrowser } from "../../support/http-browser";
import { openCall } from "../../support/proxied";
import { openTestApp, signedIn, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

const { vercel } = inject("field");

describe.skipIf(vercel === null)("what Vercel's build makes of the app", () => {
  const folder = mkdtempSync(join(tmpdir(), "daemun-vercel-"));
  let app: TestApp;
  let host: Awaited<ReturnType<typeof startVercelHost>>;
  beforeAll(async () => {
    await buildForVercel(vercel ?? "", folder);
    // Providers, database and variables of an app; the functions take its place.
    app = await openTestApp();
    await app.instance.stop();
    const { TRUSTED_PROXY_HOPS: _, ...environment } = app.environment;
    host = await startVercelHost(folder, Number(new URL(app.url).port), environment);
  }, 1_200_000);
  afterAll(async () => {
    await host?.stop();
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const from = (address: string) => ({ "x-vercel-forwarded-for": address, "x-forwarded-for": "192.0.2.1" });

  it("has the sweep on a schedule, and functions for Node 24", () => {
    const config = JSON.parse(readFileSync(join(folder, ".vercel/output/config.json"), "utf8"));
    expect(config.crons).toEqual([{ path: "/api/cron/sweep", schedule: "17 3 * * *" }]);
    const page = JSON.parse(
      readFileSync(join(folder, ".vercel/output/functions/sign-in.func/.vc-config.json"), "utf8"),
    );
    expect(page.runtime).toBe("nodejs24.x");
  });

  it("shows the sign-in page under the gate's policy, with the nonce of its scripts and with its files", async () => {
    const browser = new HttpBrowser();
    // The request that starts an instance, and the next.
    const pages = [await browser.request(`${app.url}/sign-in`), await browser.request(`${app.url}/sign-in`)];
    for (const page of pages) {
      expect(page.status, host.output()).toBe(200);
      const policy = page.headers.get("content-security-policy") ?? "";
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "none";
      expect(page.body).toContain(`nonce="${nonce}"`);
    }
    const file = /\/_next\/static\/[^"]+\.css/.exec(pages[1]?.body ?? "")?.[0] ?? "";
    expect((await browser.request(app.url + file)).status).toBe(200);
  });

  it("gates what needs a session", async () => {
    const turned = await new HttpBrowser().request(`${app.url}/account`);
    expect([turned.status, turned.location]).toEqual([307, `${app.url}/sign-in?returnTo=%2Faccount`]);
    expect((await new HttpBrowser().fetch(`${app.url}/api/me`)).status).toBe(401);
  });

  it("gives each request an id, but for the one that an instance is started for", async () => {
    const ids = new Set<string | null>();
    await new HttpBrowser().fetch(`${app.url}/healthz`);
    for (const _ of [1, 2, 3])
      ids.add((await new HttpBrowser().fetch(`${app.url}/healthz`)).headers.get("x-request-id"));
    expect([...ids]).toEqual([1, 2, 3].map(() => expect.stringMatching(/^[0-9a-f-]{36}$/)));
  });

  it("signs somebody in, and writes down the address that Vercel names, not the one that anybody may", async () => {
    const browser = new HttpBrowser();
    const started = await startSignIn(app, browser);
    const forged = await browser.request(`${app.url}/api/auth/signin/company`, {
      method: "POST",
      headers: from("203.0.113.9"),
      form: { csrfToken: "forged" },
    });
    expect([started.status, forged.location], host.output().slice(-2_000)).toEqual([
      302,
      expect.stringContaining("code=csrf_rejected"),
    ]);
    await expect
      .poll(() => app.rows(`SELECT ip FROM "AuditEvent" WHERE event = 'csrf.rejected'`))
      .toEqual([{ ip: "203.0.113.9" }]);
    const other = new HttpBrowser();
    expect((await signIn(app, other)).status, host.output().slice(-2_000)).toBe(303);
    expect(await whoIs(app, other)).toMatchObject({ sub: "minsu" });
    expect((await other.request(`${app.url}/account`)).status).toBe(200);
  });

  it("passes a service's answer on while it comes, and hangs up there once the browser does here", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const { sent, answer } = openCall(app, browser, "shopping/events?everyMs=3600000");
    const stream = await answer;
    expect([stream.statusCode, stream.headers["content-type"]], host.output().slice(-2_000)).toEqual([
      200,
      expect.stringContaining("text/event-stream"),
    ]);
    const [first] = await once(stream, "data");
    expect(String(first)).toContain("data:");
    const [entry] = await app.services.shopping.control.journal();
    expect(entry).toMatchObject({ status: 200, endedAt: null, abortedAt: null });
    sent.destroy();
    await expect
      .poll(async () => (await app.services.shopping.control.journal())[0]?.abortedAt)
      .toEqual(expect.any(String));
  });

  describe("where a function is frozen once it has answered, and is never thawed", () => {
    let frozen: typeof host;
    let openBrowser: () => HttpBrowser;
    const forged = { method: "POST", form: { csrfToken: "forged" } };
    beforeAll(async () => {
      const port = await findFreePort();
      const { TRUSTED_PROXY_HOPS: _, ...environment } = app.environment;
      frozen = await startVercelHost(folder, port, environment, { freezes: true });
      openBrowser = () => new HttpBrowser(({ origin }) => (origin === app.url ? `http://localhost:${port}` : null));
    });
    afterAll(() => frozen?.stop());

    // The gate's function answers all.
    const untilFrozen = () => expect.poll(() => frozen.living()).toBe(1);
    const written = () => app.rows(`SELECT id FROM "AuditEvent" WHERE event = 'csrf.rejected'`);

    it("an audit row that the database was away for is written, or whole in the log, before the function is", async () => {
      await app.rows(`TRUNCATE "AuditEvent"`);
      await app.database.cut();
      const refused = await openBrowser().request(`${app.url}/api/auth/signin/company`, forged);
      await app.database.mend();
      expect(refused.status, frozen.output().slice(-2_000)).toBe(303);
      await untilFrozen();
      const isLogged = /"event":"audit\.frozen".*csrf\.rejected/.test(frozen.output());
      expect(isLogged || (await written()).length === 1).toBe(true);
    });

    it("one that the database stays away for is whole in the log", async () => {
      await app.database.cut();
      await openBrowser().request(`${app.url}/api/auth/signin/partner`, forged);
      await untilFrozen();
      await app.database.mend();
      expect(frozen.output()).toMatch(/"event":"audit\.frozen".*"csrf\.rejected".*"partner"/);
    });

    it("the refresh token of a sign-in that failed is given back to the provider all the same", async () => {
      await app.control.clearJournal("company");
      await app.control.addFault("company", {
        endpoint: "token",
        fault: { kind: "id_token", setClaims: { nonce: "another" } },
      });
      const answered = await signIn(app, openBrowser());
      expect(answered.location).toContain("code=id_token_invalid");
      await untilFrozen();
      expect(await app.control.journal("company", { endpoint: "revocation" })).toHaveLength(1);
    });
  });

  it("says with 503 that the database is away, on a page and in JSON", async () => {
    const browser = new HttpBrowser();
    await signIn(app, browser);
    await app.database.cut();
    const page = await browser.request(`${app.url}/account`);
    expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(503);
  });
});
