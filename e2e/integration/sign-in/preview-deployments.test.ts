import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSealer } from "../../../edge/sealing";
import { codeOf, connections, startConnecting } from "../../support/connecting";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import {
  openPreviewApps,
  type PreviewApps,
  previewUrl,
  secondUrl,
  stableUrl,
  strangersUrl,
} from "../../support/preview-app";
import { type StrictProvider, startStrictProvider } from "../../support/strict-provider";
import { meetProvider, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let apps: PreviewApps;
let stable: TestApp;
let preview: TestApp;
let posting: StrictProvider;
beforeAll(async () => {
  posting = await startStrictProvider();
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  apps = await openPreviewApps({
    AUTH_PROVIDERS: "company,apple",
    AUTH_APPLE_ID: "app.web",
    AUTH_APPLE_ISSUER: posting.issuer,
    AUTH_APPLE_ID_TOKEN_ALG: "ES256",
    AUTH_APPLE_TEAM_ID: "TEAM",
    AUTH_APPLE_KEY_ID: "KEY",
    AUTH_APPLE_PRIVATE_KEY: String(pem),
  });
  ({ stable, preview } = apps);
}, 300_000);
beforeEach(async () => {
  await stable.control.reset("company");
});
afterAll(async () => {
  await apps?.close();
  await posting?.stop();
});

const here = { origin: previewUrl, use: "sign-in:company", nonce: "n".repeat(43) };
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const seal = (claims: Record<string, string>, exp = inSeconds(600), secret = apps.aliasSecret) =>
  createSealer([secret], "alias").seal(claims, exp);
const callback = (state: string, id = "company") =>
  `${stableUrl}/api/auth/callback/${id}?${new URLSearchParams({ code: "a-code", state })}`;
const tokenRequests = async () => (await stable.control.journal("company", { endpoint: "token" })).length;

/** A browser that the provider has sent to the stable address, which it has not opened yet. */
async function returning(app: TestApp, browser = apps.openBrowser(), returnTo = "/account") {
  const started = await startSignIn(app, browser, { returnTo });
  const page = await browser.visit(started.location ?? "", {}, (url) => !url.startsWith(stableUrl));
  const back = page.location ? page : await browser.submit(page, 'data-person="minsu"');
  const last = back.location?.startsWith(stableUrl)
    ? back
    : await browser.visit(back.location ?? "", {}, (url) => !url.startsWith(stableUrl));
  return { browser, started: new URL(started.location ?? ""), back: last.location ?? "" };
}

/** Neither sent to another host nor let in, and the provider was asked nothing. */
async function expectKept(answered: Page, cause: string | null, browser: HttpBrowser): Promise<void> {
  expect([answered.status, new URL(answered.location ?? "").origin]).toEqual([303, stableUrl]);
  expect(codeOf(answered)).toBe("state_mismatch");
  if (cause !== null) expect((await lastAudit(stable, "sign_in.failed"))?.detail).toEqual({ cause });
  expect(await tokenRequests()).toBe(0);
  for (const app of [stable, preview]) expect(await whoIs(app, browser)).toBeNull();
}

describe("FF-69: a preview deployment", () => {
  it("FF-69: signs a user in by the address that the provider knows, into its own database alone", async () => {
    const { browser, started, back } = await returning(preview, undefined, "/account/sessions?a=1");
    expect(started.searchParams.get("redirect_uri")).toBe(`${stableUrl}/api/auth/callback/company`);
    const handedOn = await browser.request(back);
    const target = new URL(handedOn.location ?? "");
    expect([handedOn.status, target.origin + target.pathname]).toEqual([
      303,
      `${previewUrl}/api/auth/callback/company`,
    ]);
    expect([...target.searchParams.keys()]).toEqual(["code", "state", "iss"]);
    expect(handedOn.headers.getSetCookie()).toEqual([]);
    expect(handedOn.headers.get("cache-control")).toContain("no-store");
    const answered = await browser.request(target.href);
    expect([answered.status, answered.location]).toEqual([303, `${previewUrl}/account/sessions?a=1`]);
    expect((await whoIs(preview, browser))?.sub).toBe("minsu");
    expect((await browser.request(`${previewUrl}/account`)).status).toBe(200);
    expect(await whoIs(stable, browser)).toBeNull();
    expect(await stable.rows(`SELECT id FROM "User"`)).toEqual([]);
    const [exchange] = await stable.control.journal("company", { endpoint: "token" });
    expect(exchange?.form).toMatchObject({ redirect_uri: `${stableUrl}/api/auth/callback/company` });
    expect(answered.headers.getSetCookie().some((line) => /^__Host-daemun\.session=/.test(line))).toBe(true);
  });

  it("FF-69: so does a second host of the same deployment, and the stable address itself as before", async () => {
    for (const app of [apps.second, stable]) {
      const browser = apps.openBrowser();
      expect((await signIn(app, browser)).location).toBe(`${app.url}/account`);
      expect((await whoIs(app, browser))?.sub).toBe("minsu");
    }
    await stable.rows(`TRUNCATE "User", "AuditEvent" CASCADE`);
  });

  it("FF-69: tells a user who changed their mind so, where they were", async () => {
    const browser = apps.openBrowser();
    const started = await startSignIn(preview, browser);
    const state = new URL(started.location ?? "").searchParams.get("state") ?? "";
    const said = new URLSearchParams({ error: "access_denied", state, iss: stable.issuers.company ?? "" });
    const handedOn = await browser.request(`${stableUrl}/api/auth/callback/company?${said}`);
    const answered = await browser.request(handedOn.location ?? "");
    expect([new URL(answered.location ?? "").origin, codeOf(answered)]).toEqual([previewUrl, "sign_in_cancelled"]);
  });

  it("FF-69: takes forms of its own pages alone, and the stable address none of a preview's", async () => {
    const browser = apps.openBrowser();
    for (const [at, origin] of [
      [previewUrl, stableUrl],
      [previewUrl, strangersUrl],
      [stableUrl, previewUrl],
      [stableUrl, secondUrl],
      [stableUrl, strangersUrl],
    ]) {
      const page = await browser.request(`${at}/sign-in`);
      const csrfToken = /name="csrfToken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
      const headers = { Origin: origin ?? "", "Sec-Fetch-Site": "cross-site" };
      const options = { method: "POST", form: { csrfToken }, headers };
      const refused = await browser.request(`${at}/api/auth/signin/company`, options);
      expect([refused.status, codeOf(refused)]).toEqual([303, "csrf_rejected"]);
    }
  });
});

describe("FF-69: what a stranger can have handed on", () => {
  it("FF-69: nothing for a second time: neither the same answer nor another code", async () => {
    const { browser, back } = await returning(preview);
    expect((await browser.request(back)).location).toContain(previewUrl);
    const again = new URL(back);
    await expectKept(await browser.request(again.href), "ticket_spent", browser);
    again.searchParams.set("code", "another");
    await expectKept(await apps.openBrowser().request(again.href), "ticket_spent", browser);
  });

  it("FF-69: nothing for a second time by the same ticket in another spelling", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const ticket = await seal({ ...here, nonce: "spelling".padEnd(43, "x") });
    const browser = apps.openBrowser();
    expect((await browser.request(callback(ticket))).location).toContain(previewUrl);
    // Of the last character of a tag of 16 bytes four bits count for nothing.
    const at = alphabet.indexOf(ticket.at(-1) ?? "") & 0b110000;
    for (const last of alphabet.slice(at, at + 16))
      await expectKept(await browser.request(callback(ticket.slice(0, -1) + last)), null, browser);
  });

  it("FF-69: nothing twice of two requests at once", async () => {
    const { browser, back } = await returning(preview);
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser.clone().request(back)));
    expect(answers.filter(({ location }) => location?.startsWith(previewUrl))).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>, string | null]>([
    ["too old", () => seal(here, inSeconds(-1)), "ticket_expired"],
    ["made to last", () => seal(here, inSeconds(7200)), "ticket_expired"],
    [
      "of a host that only fits the pattern, under its own secret",
      () => seal(here, inSeconds(600), "x".repeat(43)),
      "unknown_state",
    ],
    ["for a host that fits no pattern", () => seal({ ...here, origin: "https://evil.test" }), "ticket_place"],
    [
      "for a part of the pattern",
      () => seal({ ...here, origin: "https://daemun-git-a.b-team.preview.test" }),
      "ticket_place",
    ],
    ["for plain http", () => seal({ ...here, origin: previewUrl.replace("https", "http") }), "ticket_place"],
    ["for the route of another provider", () => seal({ ...here, use: "sign-in:apple" }), "ticket_place"],
    ["for a sign-out", () => seal({ ...here, use: "sign-out" }), "ticket_place"],
    ["without a nonce", () => seal({ origin: previewUrl, use: here.use }), "unknown_state"],
  ])("FF-69: nothing with a ticket that is %s", async (_, make, cause) => {
    const browser = apps.openBrowser();
    await expectKept(await browser.request(callback(await make())), cause, browser);
  });

  it("FF-69: nothing with a ticket in which anything was changed", async () => {
    const browser = apps.openBrowser();
    const ticket = await seal(here);
    const parts = ticket.split(".");
    const at = (index: number) => parts.map((part, n) => (n === index ? `A${part.slice(1)}B` : part)).join(".");
    for (const changed of [at(0), at(2), at(3), at(4), `${ticket}A`, ticket.slice(0, -2), ticket.toUpperCase()])
      await expectKept(await browser.request(callback(changed)), "unknown_state", browser);
    // The one that was not changed is good.
    expect((await browser.request(callback(ticket))).location).toContain(previewUrl);
  });

  it("FF-69: no answer that carries more than an answer does", async () => {
    const state = await seal(here);
    const refused = await apps.openBrowser().request(`${callback(state)}&id_token=x`);
    expect([new URL(refused.location ?? "").origin, codeOf(refused)]).toEqual([stableUrl, "invalid_response"]);
    const twice = await apps.openBrowser().request(`${callback(state)}&state=${state}`);
    expect([new URL(twice.location ?? "").origin, codeOf(twice)]).toEqual([stableUrl, "invalid_request"]);
    const more = await apps.openBrowser().request(`${callback(state)}&next=https://evil.test&session_state=1`);
    expect([...new URL(more.location ?? "").searchParams.keys()]).toEqual(["code", "state"]);
  });

  it("FF-69: no sign-in begun in the name of a host that only fits, whichever header says so", async () => {
    const host = new URL(strangersUrl).host;
    for (const headers of [{}, { Host: new URL(stableUrl).host, "X-Forwarded-Host": host }]) {
      const browser = apps.openBrowser();
      const page = await browser.request(`${strangersUrl}/sign-in`);
      expect([page.status, page.location]).toEqual([307, `${stableUrl}/sign-in`]);
      const options = { method: "POST", form: { returnTo: "/account" }, headers: { Origin: strangersUrl, ...headers } };
      const refused = await browser.request(`${strangersUrl}/api/auth/signin/company`, options);
      expect([refused.status, codeOf(refused)]).toEqual([303, "wrong_address"]);
    }
  });

  it("FF-69: nobody is signed in at a preview by an answer that another browser set out for", async () => {
    const attacker = await returning(preview);
    const victim = apps.openBrowser();
    const handedOn = await victim.request(attacker.back);
    const answered = await victim.request(handedOn.location ?? "");
    expect(codeOf(answered)).toBe("state_mismatch");
    expect(await tokenRequests()).toBe(0);
    expect(await whoIs(preview, victim)).toBeNull();
  });

  it("FF-69: nothing while it cannot be known whether a ticket was spent", async () => {
    const { browser, back } = await returning(preview);
    await stable.database.cut();
    const answered = await browser.request(back);
    await stable.database.mend();
    expect([new URL(answered.location ?? "").origin, codeOf(answered)]).toEqual([stableUrl, "database_unavailable"]);
    expect(await tokenRequests()).toBe(0);
  });

  it("FF-69: nothing where no aliases are named", async () => {
    const closed = await stable.startSibling({ AUTH_URL_ALIASES: "", AUTH_SECRET_ALIASES: apps.aliasSecret });
    const browser = new HttpBrowser(() => closed.url);
    await expectKept(await browser.request(callback(await seal(here))), "unknown_state", browser);
    await closed.stop();
  });
});

describe("FF-69: what else leads back through the stable address", () => {
  it("FF-69: a sign-out at the provider ends at the preview, which says what was ended", async () => {
    const browser = apps.openBrowser();
    const started = await startSignIn(preview, browser);
    const back = await meetProvider(preview, browser, started, "minsu");
    await browser.request(back.location ?? "");
    const page = await browser.request(`${previewUrl}/sign-out`);
    const sent = await browser.submit(page, 'data-scope="provider"');
    const asked = new URL(sent.location ?? "").searchParams;
    expect(asked.get("post_logout_redirect_uri")).toBe(`${stableUrl}/signed-out`);
    const state = asked.get("state") ?? "";
    const passed = await browser.request(`${stableUrl}/signed-out?${new URLSearchParams({ state })}`);
    expect([passed.status, passed.location]).toEqual([307, `${previewUrl}/signed-out?state=${state}`]);
    const told = await browser.request(passed.location ?? "");
    expect([told.status, told.body.includes("company")]).toEqual([200, true]);
    for (const claims of [here, { ...here, use: "sign-out", origin: "https://evil.test" }]) {
      const kept = await browser.request(`${stableUrl}/signed-out?state=${await seal(claims)}`);
      expect([kept.status, kept.location]).toEqual([200, null]);
    }
  });

  it("FF-69: a service is connected at the preview, by its address alone", async () => {
    const browser = apps.openBrowser();
    await signIn(preview, browser);
    const started = await startConnecting(preview, browser);
    expect(new URL(started.location ?? "").searchParams.get("redirect_uri")).toBe(
      `${stableUrl}/api/connect/notes/callback`,
    );
    const back = await meetProvider(preview, browser, started, "n-minsu");
    expect(back.location).toContain(`${previewUrl}/api/connect/notes/callback?`);
    expect((await browser.request(back.location ?? "")).location).toBe(`${previewUrl}/account/connections`);
    expect(await connections(preview)).toHaveLength(1);
    // What the browser went through at the stable address, once more.
    const again = await browser.request((back.location ?? "").replace(previewUrl, stableUrl));
    expect([new URL(again.location ?? "").origin, codeOf(again)]).toEqual([stableUrl, "state_mismatch"]);
  });

  it("FF-69: an answer that is posted, and the name that came along with it", async () => {
    const browser = apps.openBrowser();
    const started = await startSignIn(preview, browser, { provider: "apple" });
    const answer = posting.authorize(started.location ?? "");
    answer.set("user", JSON.stringify({ name: { firstName: "Minsu", lastName: "Kim" } }));
    // Without cookies, as browsers send what another site has posted.
    const headers = { Origin: posting.origin, "Sec-Fetch-Site": "cross-site" };
    const options = { method: "POST", form: answer, headers };
    const posted = await apps.openBrowser().request(`${stableUrl}/api/auth/callback/apple`, options);
    const handedOn = await browser.request(posted.location ?? "");
    expect(handedOn.location).toContain(`${previewUrl}/api/auth/callback/apple?`);
    expect((await browser.request(handedOn.location ?? "")).location).toBe(`${previewUrl}/account`);
    expect(await preview.rows(`SELECT id FROM "User" WHERE name = 'Minsu Kim'`)).toHaveLength(1);
  });
});
