import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { english } from "../../fixtures/texts";
import { sessionCookie } from "../../support/cookies";
import { count, expectRefused, lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { logoutForm, newestSession, post, signedInBeside } from "../../support/logout-channel";
import {
  clientId,
  meetProvider,
  shareTestApp,
  signedIn,
  startSignIn,
  type TestApp,
  whoIs,
} from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.startSibling();
  // What a process does for the first time takes long; here it is the order that matters.
  for (const base of [app.url, sibling.url]) await post(base, "company", logoutForm("none"));
});
afterEach(async () => {
  await app.control.clearFaults("company");
});
afterAll(() => app.close());

/** Up to the provider's redirect back: the person is signed in there, and not yet here. */
async function almostThere(browser: HttpBrowser, user: string): Promise<Page> {
  return meetProvider(app, browser, await startSignIn(app, browser), user);
}

/** The provider's session id of the only browser that this person is signed in with there. */
async function sidOf(user: string): Promise<string> {
  const sessions = (await app.control.sessions("company")).filter(({ sub }) => sub === user);
  expect(sessions).toHaveLength(1);
  return sessions[0]?.clients[clientId] ?? "";
}

async function makeToken(names: { sub?: string; sid?: string }, setClaims: Record<string, unknown> = {}) {
  const request = { clientId, ...names, mutate: { setClaims }, deliver: false };
  return (await app.control.backchannelLogout("company", request)).logoutToken;
}

/** Delivers a logout token while the callback waits for the provider's token endpoint. Answers the callback's answer. */
async function overtake(browser: HttpBrowser, back: Page, token: string): Promise<Page> {
  await app.control.addFault("company", { endpoint: "token", fault: { kind: "delay", delayMs: 3500 } });
  const before = (await app.control.journal("company", { endpoint: "token" })).length;
  const answering = browser.request(back.location ?? "");
  await expect.poll(async () => (await app.control.journal("company", { endpoint: "token" })).length).toBe(before + 1);
  expect((await post(sibling.url, "company", logoutForm(token))).status).toBe(200);
  return answering;
}

/** How many connections to the app's database wait for a lock of this type. */
async function waiting(locktype: "advisory" | "transactionid"): Promise<number> {
  const rows = await app.rows(
    `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND locktype = $1 AND datname = current_database()`,
    [locktype],
  );
  return rows.length;
}

/** Keeps a row locked while `begin` sets two requests going, until the second of them waits for its turn behind the first. */
async function whileLocked<A, B>(
  sql: string,
  id: string,
  begin: () => Promise<[Promise<A>, Promise<B>]>,
): Promise<[A, B]> {
  const client = new pg.Client({ connectionString: app.environment.DATABASE_URL });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(sql, [id]);
    const underWay = await begin();
    await expect.poll(() => waiting("advisory")).toBe(1);
    await client.query("COMMIT");
    return await Promise.all(underWay);
  } finally {
    await client.end();
  }
}

describe("a logout token that overtakes its sign-in", () => {
  it.each([
    ["sid", (sid: string) => ({ sid })],
    ["sub and sid", (sid: string) => ({ sub: "eunji", sid })],
    ["sub", () => ({ sub: "eunji" })],
  ])("by %s, opens no session, gives the refresh token back, and says why", async (_what, names) => {
    // One that lives would keep what is given back waiting.
    await app.rows(`DELETE FROM "Session" WHERE subject = 'eunji'`);
    const browser = new HttpBrowser();
    const back = await almostThere(browser, "eunji");
    const sid = await sidOf("eunji");
    const before = await count(app);
    const answered = await overtake(browser, back, await makeToken(names(sid)));
    await expectRefused(app, browser, answered, { before, code: "signed_out_by_provider", tokenRequests: 1 });
    expect((await lastAudit(app, "sign_in.failed"))?.detail).toEqual({ cause: "early_logout" });
    const { refreshToken } =
      (await app.control.issued("company")).filter(({ kind }) => kind === "token_response").at(-1) ?? {};
    await expect
      .poll(async () => (await app.control.journal("company", { endpoint: "revocation" })).at(-1)?.form.token)
      .toBe(refreshToken);
    const page = await browser.request(answered.location ?? "");
    expect(page.body).toContain(english("errors.signed_out_by_provider.title"));

    // Trying again is another sign-in: it lives, though the provider's session has the same sid.
    const again = await almostThere(browser, "eunji");
    expect(await sidOf("eunji")).toBe(sid);
    expect((await browser.request(again.location ?? "")).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("eunji");
    await app.control.endSessions("company", { sub: "eunji" });
  });

  it("before the code is exchanged at all, ends it as well", async () => {
    const browser = new HttpBrowser();
    const back = await almostThere(browser, "haneul");
    const token = await makeToken({ sid: await sidOf("haneul") });
    expect((await post(app.url, "company", logoutForm(token))).status).toBe(200);
    const before = await count(app);
    const answered = await browser.request(back.location ?? "");
    await expectRefused(app, browser, answered, { before, code: "signed_out_by_provider" });
    await app.control.endSessions("company", { sub: "haneul" });
  });

  it("does not end a sign-in of another person, another session, or another provider", async () => {
    const [browser, elsewhere] = [new HttpBrowser(), new HttpBrowser()];
    const back = await almostThere(browser, "minsu");
    const sid = await sidOf("minsu");
    for (const names of [{ sub: "eunji" }, { sid: `${sid}x` }, { sub: "eunji", sid }]) {
      expect((await post(app.url, "company", logoutForm(await makeToken(names)))).status).toBe(200);
    }
    const foreign = { clientId, sub: "minsu", sid, deliver: false };
    const { logoutToken } = await app.control.backchannelLogout("partner", foreign);
    expect((await post(app.url, "partner", logoutForm(logoutToken))).status).toBe(200);
    expect((await browser.request(back.location ?? "")).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    await app.control.endSessions("company", { sub: "minsu" });
    const other = await almostThere(elsewhere, "minsu");
    expect((await post(app.url, "company", logoutForm(await makeToken({ sid })))).status).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
    expect((await elsewhere.request(other.location ?? "")).status).toBe(303);
    await app.control.endSessions("company", { sub: "minsu" });
  });

  it("does not end a sign-in for which the person proved who they are afterwards", async () => {
    const browser = new HttpBrowser();
    const started = await startSignIn(app, browser);
    const token = await makeToken({ sub: "jiwoo" }, { iat: Math.floor(Date.now() / 1000) - 5 });
    expect((await post(app.url, "company", logoutForm(token))).status).toBe(200);
    const back = await meetProvider(app, browser, started, "jiwoo");
    expect((await browser.request(back.location ?? "")).status).toBe(303);
    expect((await whoIs(app, browser))?.sub).toBe("jiwoo");
  });
});

describe("a logout token at the same moment as sign-ins", () => {
  it("waits for a sign-in that is being written, and ends it then", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const window = browser.clone();
    window.setCookie(app.url, sessionCookie(app.url), "");
    const back = await almostThere(window, "jiwoo");
    const { providerSessionId: sid, userId } = await newestSession(app, "jiwoo");
    const token = await makeToken({ sid });
    const [answered, delivered] = await whileLocked(
      `SELECT 1 FROM "User" WHERE id = $1 FOR UPDATE`,
      userId,
      async () => {
        const answering = window.request(back.location ?? "");
        await expect.poll(() => waiting("transactionid")).toBe(1);
        return [answering, post(sibling.url, "company", logoutForm(token))];
      },
    );
    expect([answered.status, delivered.status]).toEqual([303, 200]);
    expect((await lastAudit(app, "sign_out.backchannel"))?.detail.count).toBe(2);
    for (const one of [browser, window]) expect(await whoIs(app, one)).toBeNull();
  });

  it("that is being carried out is waited for by a sign-in, which is refused then", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const window = browser.clone();
    window.setCookie(app.url, sessionCookie(app.url), "");
    const back = await almostThere(window, "jiwoo");
    const before = await count(app);
    const { providerSessionId: sid, id } = await newestSession(app, "jiwoo");
    const token = await makeToken({ sid });
    const [delivered, answered] = await whileLocked(
      `SELECT 1 FROM "Session" WHERE id = $1 FOR UPDATE`,
      id,
      async () => {
        const delivering = post(sibling.url, "company", logoutForm(token));
        await expect.poll(() => waiting("transactionid")).toBe(1);
        return [delivering, window.request(back.location ?? "")];
      },
    );
    expect(delivered.status).toBe(200);
    await expectRefused(app, window, answered, { before, code: "signed_out_by_provider" });
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("leaves none of those that had begun, on either instance, whichever comes first", {
    timeout: 120_000,
  }, async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    const sid = await sidOf("maximilian");
    for (let round = 0; round < 6; round += 1) {
      const windows = [browser.clone(), browser.clone(), browser.clone()];
      const backs = [];
      for (const window of windows) {
        window.setCookie(app.url, sessionCookie(app.url), "");
        backs.push(await almostThere(window, "maximilian"));
      }
      const token = await makeToken(round % 2 === 0 ? { sid } : { sub: "maximilian", sid });
      const callbacks = backs.map((back, at) => {
        const address = (back.location ?? "").replace(app.url, at === 1 ? sibling.url : app.url);
        return windows[at]?.request(address);
      });
      // A little later each round, so that the token meets the sign-ins at different steps.
      await new Promise((resolve) => setTimeout(resolve, round * 30));
      const delivered = await post(round % 2 === 0 ? sibling.url : app.url, "company", logoutForm(token));
      expect(delivered.status).toBe(200);
      for (const answered of await Promise.all(callbacks)) expect(answered?.status).toBe(303);
      for (const window of windows) expect(await whoIs(app, window)).toBeNull();
      const alive = await app.rows(`SELECT 1 FROM "Session" WHERE "providerSessionId" = $1 AND "endedAt" IS NULL`, [
        sid,
      ]);
      expect(alive).toEqual([]);
    }
    const again = await signedInBeside(app, browser);
    expect((await whoIs(app, again))?.sub).toBe("maximilian");
  });
});
