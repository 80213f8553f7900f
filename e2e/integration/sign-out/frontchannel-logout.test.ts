import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { english } from "../../fixtures/texts";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { newestSession, signedInBeside } from "../../support/logout-channel";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.startSibling();
});
afterAll(() => app.close());

// What a browser sends for a frame of another site: no cookie of ours.
const asFrame = { "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site" };

function addressOf(query: Record<string, string> | string, provider = "company", base = app.url): string {
  return `${base}/api/oidc/${provider}/frontchannel-logout?${new URLSearchParams(query)}`;
}

async function loadFrame(query: Record<string, string> | string, headers: Record<string, string> = {}): Promise<Page> {
  return new HttpBrowser().request(addressOf(query), { headers: { ...asFrame, ...headers } });
}

async function rowsOf(event: string): Promise<number> {
  return (await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = $1`, [event])).length;
}

describe("front-channel logout", () => {
  it("ends the sessions of the provider's session it names, on all instances, and no other", async () => {
    const first = await signedIn(app);
    const second = await signedInBeside(app, first);
    const { providerSessionId: sid, userId } = await newestSession(app, "minsu");
    const [elsewhere, stranger] = [await signedIn(app), await signedIn(app, { user: "jiwoo" })];
    const framed = await loadFrame({ iss: app.issuers.company ?? "", sid });
    expect(framed.status).toBe(200);
    expect(framed.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(framed.headers.get("cache-control")).toBe("no-store");
    expect(framed.headers.get("content-security-policy")).toBe(
      `default-src 'none'; frame-ancestors ${app.issuers.company}`,
    );
    expect(framed.headers.get("x-frame-options")).toBeNull();
    expect(framed.headers.getSetCookie()).toEqual([]);
    expect(framed.body).not.toContain(sid);
    for (const base of [app.url, sibling.url]) {
      for (const browser of [first, second]) {
        const refused = await browser.fetch(`${base}/api/me`);
        expect([refused.status, JSON.parse(refused.body).error]).toEqual([401, "signed_out_by_provider"]);
      }
      for (const browser of [elsewhere, stranger]) expect((await browser.fetch(`${base}/api/me`)).status).toBe(200);
    }
    expect(await lastAudit(app, "sign_out")).toMatchObject({
      outcome: "success",
      userId,
      provider: "company",
      requestId: framed.headers.get("x-request-id"),
      detail: { scope: "front-channel", count: 2 },
    });
    // A frame that is loaded twice says the same, and leaves no second record.
    const rows = await rowsOf("sign_out");
    expect((await loadFrame({ iss: app.issuers.company ?? "", sid })).status).toBe(200);
    expect(await rowsOf("sign_out")).toBe(rows);
  });

  it("leaves every cookie in place, so that the sign-in page can say why", async () => {
    const browser = await signedIn(app);
    const { providerSessionId: sid } = await newestSession(app, "minsu");
    const other = await signedIn(app, { user: "jiwoo" });
    const address = addressOf({ iss: app.issuers.company ?? "", sid });
    expect((await other.request(address)).headers.getSetCookie()).toEqual([]);
    expect((await whoIs(app, other))?.sub).toBe("jiwoo");
    expect((await browser.request(address)).headers.getSetCookie()).toEqual([]);
    expect((await browser.visit(`${app.url}/account`)).body).toContain(english("errors.signed_out_by_provider.title"));
  });

  it("is refused without both parameters, with any of them twice, or for another issuer; and nothing ends", async () => {
    const browser = await signedIn(app);
    const { providerSessionId: sid } = await newestSession(app, "minsu");
    const iss = app.issuers.company ?? "";
    const both = new URLSearchParams({ iss, sid }).toString();
    const queries: (Record<string, string> | string)[] = [
      "",
      { iss },
      { sid },
      { iss, sid: "" },
      { iss: `${iss}/`, sid },
      { iss: app.issuers.partner ?? "", sid },
      { iss: iss.toUpperCase(), sid },
      { iss, sid: "s".repeat(256) },
      { iss, sid: `${sid}\0` },
      `${both}&sid=x`,
      `${both}&iss=${encodeURIComponent(iss)}`,
    ];
    for (const query of queries) {
      const framed = await loadFrame(query);
      expect([query, framed.status]).toEqual([query, 400]);
      expect(framed.headers.get("cache-control")).toBe("no-store");
      expect(framed.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
    const partners = addressOf({ iss: app.issuers.partner ?? "", sid }, "partner");
    expect((await new HttpBrowser().request(partners)).status).toBe(200);
    const unknown = await new HttpBrowser().request(addressOf({ iss, sid }, "nobody"));
    expect([unknown.status, unknown.headers.get("cache-control")]).toEqual([404, "no-store"]);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });

  it("takes GET alone, and a prefetch ends nothing", async () => {
    const browser = await signedIn(app);
    const { providerSessionId: sid } = await newestSession(app, "minsu");
    const query = { iss: app.issuers.company ?? "", sid };
    for (const method of ["POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]) {
      const answered = await new HttpBrowser().request(addressOf(query), { method });
      expect([method, answered.status, answered.headers.get("allow")]).toEqual([method, 405, "GET"]);
    }
    for (const headers of [
      { "Sec-Purpose": "prefetch" },
      { "Sec-Purpose": "prefetch;prerender" },
      { Purpose: "prefetch" },
    ]) {
      const ahead = await loadFrame(query, headers as Record<string, string>);
      expect([ahead.status, ahead.headers.get("cache-control")]).toEqual([503, "no-store"]);
    }
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
  });

  it("says 503 while the database is away, and ends the session when it is asked again", async () => {
    const browser = await signedIn(app);
    const { providerSessionId: sid } = await newestSession(app, "minsu");
    const query = { iss: app.issuers.company ?? "", sid };
    await app.database.cut();
    let framed: Page;
    try {
      framed = await loadFrame(query);
    } finally {
      await app.database.mend();
    }
    expect(framed.status).toBe(503);
    expect(framed.headers.get("cache-control")).toBe("no-store");
    expect(framed.headers.get("retry-after")).toMatch(/^\d+$/);
    await expect.poll(async () => (await new HttpBrowser().fetch(`${app.url}/readyz`)).status).toBe(200);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    expect((await loadFrame(query)).status).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("is what the provider's sign-out page loads", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const beside = await signedInBeside(app, browser);
    const left = await beside.submit(await beside.request(`${app.url}/sign-out`), 'data-scope="provider"');
    const page = await beside.visit(left.location ?? "");
    const frames = [...page.body.matchAll(/<iframe src="([^"]+)"/g)].map(([, source]) =>
      source?.replaceAll("&#38;", "&"),
    );
    expect(frames).toHaveLength(1);
    expect(frames[0]).toContain(`${app.url}/api/oidc/company/frontchannel-logout?`);
    expect((await new HttpBrowser().request(frames[0] ?? "", { headers: asFrame })).status).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
  });
});
