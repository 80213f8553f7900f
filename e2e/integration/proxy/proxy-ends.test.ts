import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { tokenOfForms } from "../../support/connecting";
import type { HttpBrowser } from "../../support/http-browser";
import { call, errorOf, jsonOf, openCall } from "../../support/proxied";
import { clientId, openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

// What is promised, and what a busy machine may take for it.
const withinMs = 15_000;

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await openTestApp();
  sibling = await app.startSibling();
});
afterAll(() => app.close());

type Open = ReturnType<typeof openCall>;

/** A stream of events through an instance, and when it is over. */
async function openEvents(browser: HttpBrowser, url = app.url) {
  const { answer } = openCall({ ...app, url }, browser, "shopping/events?everyMs=200", {
    headers: { Accept: "text/event-stream", Host: new URL(app.url).host },
  });
  const stream = await answer;
  expect(stream.statusCode).toBe(200);
  let isOver = false;
  stream.once("close", () => {
    isOver = true;
  });
  stream.on("error", () => {}).resume();
  return () => isOver;
}

/** One on each of both instances. */
const openBoth = async (browser: HttpBrowser) => [await openEvents(browser), await openEvents(browser, sibling.url)];

const expectOver = (streams: (() => boolean)[]) =>
  expect.poll(() => streams.map((isOver) => isOver()), { timeout: withinMs }).toEqual(streams.map(() => true));

async function signOut(browser: HttpBrowser, scope: string): Promise<void> {
  const form = { csrfToken: await tokenOfForms(app, browser), scope };
  expect((await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form })).status).toBe(303);
}

const newest = `(SELECT id FROM "Session" WHERE subject = 'minsu' ORDER BY "createdAt" DESC LIMIT 1)`;

describe("what a session opened ends with it, on this instance and on the other:", { timeout: 90_000 }, () => {
  it.each(["device", "everywhere"])("FF-02: after a sign-out (%s) no stream of it goes on", async (scope) => {
    const browser = await signedIn(app);
    const other = await signedIn(app, { user: "haneul" });
    const [streams, stranger] = [await openBoth(browser), await openEvents(other)];
    await signOut(browser, scope);
    await expectOver(streams);
    expect(stranger()).toBe(false);
    await signOut(other, "device");
    await expectOver([stranger]);
  });

  it("FF-02: after the provider's logout token no stream goes on", async () => {
    const streams = await openBoth(await signedIn(app));
    await app.control.backchannelLogout("company", { clientId, sub: "minsu" });
    await expectOver(streams);
  });

  it.each([
    [
      "a session that another device revoked",
      `UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked' WHERE id = ${newest}`,
    ],
    [
      "a session past its idle deadline",
      `UPDATE "Session" SET "idleExpiresAt" = now() - interval '1 second' WHERE id = ${newest}`,
    ],
    [
      "a session past its absolute deadline",
      `UPDATE "Session" SET expires = now(), "idleExpiresAt" = now() WHERE id = ${newest}`,
    ],
    [
      "a user who is disabled",
      `UPDATE "User" SET "disabledAt" = now() WHERE id = (SELECT "userId" FROM "Session" WHERE id = ${newest})`,
    ],
  ])("FF-02: of %s no stream goes on", async (_what, sql) => {
    const streams = await openBoth(await signedIn(app));
    await app.rows(sql);
    await expectOver(streams);
    await app.rows(`UPDATE "User" SET "disabledAt" = NULL`);
  });

  it("FF-02: a download breaks off, and an upload is refused with why", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const download: Open = openCall(app, browser, "shopping/downloads/2000000000");
    const answer = await download.answer;
    let broke = false;
    answer.on("error", () => {
      broke = true;
    });
    answer.resume();
    const body = new Readable({ read: () => {} });
    body.push(Buffer.alloc(100_000));
    const upload = openCall(app, browser, "shopping/uploads", { method: "POST", body });
    const journal = () => app.services.shopping.control.journal();
    const arrived = () => journal().find(({ method }) => method === "POST")?.bodyBytes;
    await expect.poll(arrived).toBe(100_000);
    await signOut(browser, "device");
    await expect.poll(() => broke, { timeout: withinMs }).toBe(true);
    const refused = await upload.answer;
    expect([refused.statusCode, (await jsonOf(refused)).error]).toEqual([401, "session_revoked"]);
    await expect.poll(() => journal().every(({ endedAt }) => endedAt !== null)).toBe(true);
    upload.sent.destroy();
  });

  it("FF-02: while the database cannot be asked a stream ends too, and nobody is signed out by that", async () => {
    const browser = await signedIn(app);
    const streams = await openBoth(browser);
    await app.database.cut();
    // Fifteen seconds from the last answer, and a little for the timers of a busy machine.
    await expect.poll(() => streams.map((isOver) => isOver()), { timeout: withinMs + 10_000 }).toEqual([true, true]);
    await app.database.mend();
    await expect.poll(() => whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    const answered = await call(app, browser, "shopping/orders");
    expect(answered.status === 200 ? [200] : errorOf(answered)).toEqual([200]);
  });
});
