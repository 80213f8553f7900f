import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { expectLogged } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { logoutForm, newestSession, post } from "../../support/logout-channel";
import { clientId, openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

const most = 8;

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await openTestApp({ env: { RATE_LIMIT_PER_MINUTE: String(most), TRUSTED_PROXY_HOPS: "1" } });
  sibling = await app.startSibling();
});
afterAll(() => app.close());

/** As our proxy would pass it on, for somebody at this address. */
const from = (address: string) => ({ headers: { "X-Forwarded-For": address } });

const callback = "/api/auth/callback/company?code=x&state=y";

/** A callback that nobody began, as a navigation. */
function knock(address: string, base = app.url): Promise<Page> {
  return new HttpBrowser().request(base + callback, from(address));
}

async function statuses(times: number, ask: (n: number) => Promise<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let n = 0; n < times; n += 1) seen.push((await ask(n)).status);
  return seen;
}

const passed = (status: number) => Array<number>(most).fill(status);

function expectLimited(page: Page): void {
  expect(page.status).toBe(429);
  const seconds = Number(page.headers.get("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(page.headers.get("cache-control")).toContain("no-store");
}

describe("limits by address", () => {
  it("RL-01: a callback too many is answered 429 as a page and as JSON, and others do not notice", async () => {
    expect(await statuses(most, () => knock("203.0.113.1"))).toEqual(passed(303));
    const page = await knock("203.0.113.1");
    expectLimited(page);
    expect(page.headers.get("refresh")).toMatch(/^0; url=\/auth-error\?code=rate_limited&/);
    expect(page.body).toContain("Too many attempts");
    const fetched = await new HttpBrowser().fetch(app.url + callback, from("203.0.113.1"));
    expectLimited(fetched);
    expect(JSON.parse(fetched.body)).toMatchObject({ error: "rate_limited", request_id: expect.any(String) });
    const told = await new HttpBrowser().request(`${app.url}/auth-error?code=rate_limited`);
    expect([told.status, told.body.includes("Too many attempts")]).toEqual([429, true]);
    expect((await knock("203.0.113.2")).status).toBe(303);
  });

  it("RL-01: all instances count together", async () => {
    const turns = (n: number) => knock("203.0.113.3", n % 2 ? sibling.url : app.url);
    expect(await statuses(most, turns)).toEqual(passed(303));
    expectLimited(await knock("203.0.113.3"));
    expectLimited(await knock("203.0.113.3", sibling.url));
  });

  it("RL-01: starting a sign-in is limited before anything of it is looked at, and leaves no row but the limits'", async () => {
    const start = () =>
      new HttpBrowser().request(`${app.url}/api/auth/signin/company`, {
        method: "POST",
        form: { csrfToken: "x" },
        ...from("203.0.113.4"),
      });
    expect(await statuses(most, start)).toEqual(passed(303));
    for (let n = 0; n < 10; n += 1) expectLimited(await start());
    const rows = await app.rows(
      `SELECT event, count(*)::int FROM "AuditEvent" WHERE ip = '203.0.113.4' GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { event: "csrf.rejected", count: most },
      { event: "rate.limited", count: 1 },
    ]);
    await expect
      .poll(() =>
        app.rows(
          `SELECT reason, outcome, detail FROM "AuditEvent" WHERE event = 'rate.limited' AND ip = '203.0.113.4'`,
        ),
      )
      .toEqual([{ reason: "rate_limited", outcome: "failure", detail: { kind: "sign-in", surplus: 9 } }]);
  });

  it("FF-68: nobody is limited for what somebody else writes in front of their own address", async () => {
    const forging = (n: number) => knock(`198.51.100.9, 10.0.0.${n}, 203.0.113.5:${4000 + n}`);
    expect(await statuses(most, forging)).toEqual(passed(303));
    expectLimited(await forging(99));
    expect((await knock("198.51.100.9")).status).toBe(303);
    expect((await knock("10.0.0.1")).status).toBe(303);
  });

  it("FF-68: the addresses of one IPv6 /64 count as one, the next /64 does not", async () => {
    const roaming = (n: number) => knock(`[2001:db8:1:2:${n}::${n}]:${4000 + n}`);
    expect(await statuses(most, roaming)).toEqual(passed(303));
    expectLimited(await roaming(99));
    expect((await knock("2001:db8:1:3::1")).status).toBe(303);
    const [row] = await app.rows(`SELECT ip FROM "AuditEvent" WHERE ip LIKE '2001:db8:1:2:%' ORDER BY id LIMIT 1`);
    expect(row).toEqual({ ip: "2001:db8:1:2::" });
  });
});

describe("limits by user", () => {
  it("RL-01: who asks for tokens too often is told so from wherever they ask; nobody else, and no session ends", async () => {
    const [browser, colleague] = [await signedIn(app, { user: "minsu" }), await signedIn(app, { user: "haneul" })];
    const ask = (who: HttpBrowser, address: string) =>
      who.fetch(`${app.url}/api/tokens/x`, { headers: { ...from(address).headers, "Sec-Fetch-Site": "same-origin" } });
    expect(await statuses(most, (n) => ask(browser, `203.0.113.${20 + n}`))).toEqual(passed(400));
    expectLimited(await ask(browser, "203.0.113.40"));
    expect((await ask(colleague, "203.0.113.40")).status).toBe(400);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    const [row] = await app.rows(
      `SELECT "userId" FROM "AuditEvent" WHERE event = 'rate.limited' AND detail->>'kind' = 'tokens'`,
    );
    expect(row).toEqual({ userId: (await whoIs(app, browser))?.user.id });
  });

  it("RL-01: an office behind one address signs out, however many they are", async () => {
    const users = ["jiwoo", "eunji"];
    for (const user of users) {
      const browser = await signedIn(app, { user });
      const page = await browser.request(`${app.url}/sign-out`, from("203.0.113.60"));
      const forged = { method: "POST", form: { csrfToken: "x" }, ...from("203.0.113.60") };
      const refused = () => browser.request(`${app.url}/api/auth/signout`, forged);
      expect(await statuses(most - 1, refused)).toEqual(Array(most - 1).fill(303));
      expect((await browser.submit(page, 'data-scope="device"')).status).toBe(303);
      expect(await whoIs(app, browser)).toBeNull();
    }
  });
});

describe("limits of back-channel logout", () => {
  it("RL-01: a flood of bogus logout tokens is answered 429, and a true one among them is carried out", async () => {
    const browser = await signedIn(app, { user: "seoyeon", provider: "partner" });
    const { providerSessionId: sid } = await newestSession(app, "seoyeon");
    const bogus = () => post(app.url, "partner", logoutForm("bogus"), from("203.0.113.7").headers);
    expect(await statuses(most, bogus)).toEqual(passed(400));
    const refused = await bogus();
    expect([refused.status, refused.headers.get("cache-control")]).toEqual([429, "no-store"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const request = { clientId, sub: "seoyeon", sid, mutate: {}, deliver: false };
    const { logoutToken } = await app.control.backchannelLogout("partner", request);
    const truly = () => post(app.url, "partner", logoutForm(logoutToken), from("203.0.113.7").headers);
    expect((await truly()).status).toBe(200);
    // Sent again by a provider that did not hear the answer: none of those that fail verification.
    expect(await statuses(2, truly)).toEqual([400, 400]);
    expect(await whoIs(app, browser)).toBeNull();
    const rejected = await app.rows(
      `SELECT 1 FROM "AuditEvent" WHERE event = 'sign_out.backchannel_rejected' AND ip = '203.0.113.7' AND detail->>'cause' <> 'replay'`,
    );
    expect(rejected).toHaveLength(most);
  });
});

describe("audit rows that strangers cause", () => {
  it("FF-73: of one code and address at most so many are written a minute, and the last counts the others", async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    const forged = () => browser.fetch(`${app.url}/api/services/shopping/orders`, from("203.0.113.8"));
    expect(await statuses(most + 9, forged)).toEqual(Array(most + 9).fill(403));
    const where = `WHERE event = 'csrf.rejected' AND ip = '203.0.113.8'`;
    await expect
      .poll(() =>
        app.rows(`SELECT count(*)::int rows, max((detail->>'surplus')::int) surplus FROM "AuditEvent" ${where}`),
      )
      .toEqual([{ rows: most, surplus: 9 }]);
    // Another address has rows of its own.
    await browser.fetch(`${app.url}/api/services/shopping/orders`, from("203.0.113.9"));
    expect(
      await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'csrf.rejected' AND ip = '203.0.113.9'`),
    ).toHaveLength(1);
  });
});

describe("with the database away", () => {
  it("RL-01: the process counts by itself: nobody is let in for the outage", async () => {
    await app.database.cut();
    try {
      const seen = await statuses(most + 1, () => knock("203.0.113.10"));
      expect(seen.slice(0, most)).not.toContain(429);
      expect(seen.at(-1)).toBe(429);
    } finally {
      await app.database.mend();
    }
  });
});

describe("over https, where nobody said what is in front of the app", () => {
  it("RL-01: addresses are not counted, and the log says once what to set", async () => {
    const https = { AUTH_URL: "https://limits.gate.test", TRUSTED_PROXY_HOPS: undefined };
    const instance = await app.startSibling(https);
    expect(await statuses(most + 2, () => knock("203.0.113.11", instance.url))).toEqual(Array(most + 2).fill(303));
    await expectLogged(instance, /limits\.no_client_address.*TRUSTED_PROXY_HOPS.*clientAddressHeader/);
    expect(instance.output().match(/limits\.no_client_address/g)).toHaveLength(1);
    expect(app.instance.output()).not.toContain("limits.no_client_address");
    const told = await app.startSibling({ ...https, TRUSTED_PROXY_HOPS: "1" });
    expect(told.output()).not.toContain("limits.no_client_address");
  });
});
