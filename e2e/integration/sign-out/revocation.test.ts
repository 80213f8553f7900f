import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import type { HttpBrowser } from "../../support/http-browser";
import { signedIn, signIn, type TestApp } from "../../support/test-app";
import { expireTokens, openTokenApp, probe } from "../../support/token-app";

const cronSecret = "a-scheduler-of-the-tests";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  ({ app } = await openTokenApp());
  sibling = await app.startSibling({ CRON_SECRET: cronSecret });
  const [client] = (await app.control.clients("company")).filter(({ clientId }) => clientId === "daemun");
  if (!client) throw new Error("The app is no client.");
  await app.control.putClient("company", { ...client, revokesWholeGrant: true });
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  await app.control.clearJournal("company");
  await app.rows(`TRUNCATE "Session", "Revocation" CASCADE`);
});
afterAll(() => app?.close());

const revoked = async () =>
  (await app.control.journal("company", { endpoint: "revocation" })).map(({ form }) => String(form.token)).sort();
const given = async () =>
  (await app.control.issued("company")).flatMap(({ refreshToken }) => refreshToken ?? []).sort();
const waiting = () => app.rows<{ sealedToken: string }>(`SELECT * FROM "Revocation"`);

async function signOut(browser: HttpBrowser, base = app.url, scope = "device") {
  const page = await browser.request(`${base}/sign-out`);
  const form = { csrfToken: /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "", scope };
  const sent = { method: "POST", form, headers: { Origin: app.url } };
  expect((await browser.request(`${base}/api/auth/signout`, sent)).location).toMatch(/\/signed-out$|session\/end/);
}

/** Everybody who is still signed in gets new tokens. */
async function expectTokens(...browsers: HttpBrowser[]) {
  await expireTokens(app);
  for (const browser of browsers) expect(await probe(app.url, browser)).toMatchObject({ status: 200 });
}

it("FF-14: signing in again in one browser leaves the new session its tokens", async () => {
  const browser = await signedIn(app);
  const [first] = await given();
  expect((await signIn(app, browser)).status).toBe(303);
  // After the response: what would have been revoked by then waits, sealed.
  await expect.poll(async () => (await waiting()).length).toBe(1);
  await expectTokens(browser);
  expect([await revoked(), JSON.stringify(await waiting()).includes(first ?? "-")]).toEqual([[], false]);
  await signOut(browser);
  await expect.poll(async () => (await revoked()).includes(first ?? "-")).toBe(true);
  await expect.poll(waiting).toEqual([]);
});

it("FF-14: signing out on one device leaves the other its tokens; the last one has all of them revoked", async () => {
  const [first, second] = [await signedIn(app), await signedIn(app)];
  const stranger = await signedIn(app, { user: "haneul" });
  const tokens = await given();
  await signOut(first);
  expect(await revoked()).toEqual([]);
  await expectTokens(second, stranger);
  await signOut(second);
  const theirs = (await revoked()).filter((token) => tokens.includes(token));
  expect([theirs.length, (await revoked()).length, await waiting()]).toEqual([1, 2, []]);
  await expectTokens(stranger);
});

it("FF-14: of devices that sign out at once on two instances, each token is revoked once, and none is left", async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    const browsers = await Promise.all(Array.from({ length: 4 }, () => signedIn(app)));
    const tokens = await given();
    await Promise.all(browsers.map((browser, at) => signOut(browser, at % 2 === 0 ? app.url : sibling.url)));
    await expect.poll(waiting).toEqual([]);
    expect(await revoked()).toEqual(tokens);
    await app.control.clearJournal("company");
  }
});

it("FF-14: everywhere has all of them revoked", async () => {
  const browsers = [await signedIn(app), await signedIn(app), await signedIn(app)];
  const tokens = await given();
  await signOut(browsers[0] as HttpBrowser, sibling.url, "everywhere");
  expect([await revoked(), await waiting()]).toEqual([tokens, []]);
});

it("FF-14: what a provider was not told of, or a process that died has left, the sweep tells it of", async () => {
  const browser = await signedIn(app);
  const tokens = await given();
  await app.control.addFault("company", { endpoint: "revocation", fault: { kind: "respond", status: 503 } });
  await signOut(browser);
  expect(await waiting()).toHaveLength(1);
  await app.rows(`UPDATE "Revocation" SET "retryAt" = now()`);
  await app.control.clearJournal("company");
  const swept = await fetch(`${sibling.url}/api/cron/sweep`, { headers: { Authorization: `Bearer ${cronSecret}` } });
  expect(swept.status).toBe(200);
  expect([await revoked(), await waiting()]).toEqual([tokens, []]);
});

it("FF-14: a process that is killed after it took a token to the provider, and before an answer, leaves it to the sweep", async () => {
  const mortal = await app.startSibling();
  const browser = await signedIn(app);
  const tokens = await given();
  await app.control.addFault("company", { endpoint: "revocation", fault: { kind: "hang" } });
  const lost = signOut(browser, mortal.url).catch(() => "no answer");
  const taken = () => app.rows(`SELECT id FROM "Revocation" WHERE "retryAt" > now()`);
  await expect.poll(taken).toHaveLength(1);
  process.kill(mortal.pid, "SIGKILL");
  expect(await lost).toBe("no answer");
  await mortal.exit;
  await app.control.clearFaults("company");
  await app.control.clearJournal("company");
  const sweep = () => fetch(`${sibling.url}/api/cron/sweep`, { headers: { Authorization: `Bearer ${cronSecret}` } });
  // Not before its time: whoever took it may still be at it.
  expect([(await sweep()).status, await revoked(), (await waiting()).length]).toEqual([200, [], 1]);
  await app.rows(`UPDATE "Revocation" SET "retryAt" = now()`);
  expect([(await sweep()).status, await revoked(), await waiting()]).toEqual([200, tokens, []]);
  expect(await app.rows(`SELECT "endReason" FROM "Session"`)).toEqual([{ endReason: "signed_out" }]);
});

it("FF-14: where configuration knows that it takes nothing else along, each is revoked at once", async () => {
  const narrow = await app.startSibling({ REVOCATION: "token" });
  const [first] = [await signedIn(app), await signedIn(app)];
  await signOut(first as HttpBrowser, narrow.url);
  expect([(await revoked()).length, await waiting()]).toEqual([1, []]);
});
