import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { sessionCookie } from "../../support/cookies";
import { HttpBrowser } from "../../support/http-browser";
import { meetProvider, openTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

// Time enough to tell the instance to stop and to see that it takes nothing new.
const slowMs = 3000;

describe("an instance that is told to stop", () => {
  it("OU-06: an instance that is told to stop finishes its sign-in, takes no new request, and ends", async () => {
    sibling = await app.startSibling();
    const onSibling = (address: string) => address.replace(app.url, sibling.url);
    const browser = new HttpBrowser();
    const back = await meetProvider(app, browser, await startSignIn(app, browser), "minsu");
    await app.control.clearJournal("company");
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "delay", delayMs: slowMs } });
    const answering = browser.request(onSibling(back.location ?? ""));
    const exchanges = async () => (await app.control.journal("company", { endpoint: "token" })).length;
    await expect.poll(exchanges, { interval: 20 }).toBe(1);

    process.kill(sibling.pid, "SIGTERM");
    const askedAt = Date.now();
    const refused = () =>
      new HttpBrowser().request(`${sibling.url}/healthz`).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      );
    await expect.poll(refused, { timeout: slowMs, interval: 50 }).toBe("ECONNREFUSED");

    const answered = await answering;
    expect([answered.status, answered.headers.get("location")]).toEqual([303, "/account"]);
    // A connection that somebody keeps open would keep the process.
    expect(answered.headers.get("connection")).toBe("close");
    expect(answered.headers.getSetCookie().join()).toContain(`${sessionCookie(app.url)}=`);
    expect(await sibling.exit).toBe(143);
    expect(Date.now() - askedAt).toBeLessThan(slowMs + 4000);
    // The row is there: the instance that goes on knows the person.
    expect((await whoIs(app, browser))?.sub).toBe("minsu");
    expect(await app.rows(`SELECT outcome FROM "AuditEvent" WHERE event = 'sign_in.succeeded'`)).toEqual([
      { outcome: "success" },
    ]);
    expect(sibling.output()).not.toMatch(/"level":"error"/);
  });

  it("OU-06: an idle instance that is told to stop ends at once, though browsers keep their connections open", async () => {
    sibling = await app.startSibling();
    const browser = await signedIn(app, { user: "eunji" });
    expect((await browser.request(`${sibling.url}/account`)).status).toBe(200);
    const askedAt = Date.now();
    process.kill(sibling.pid, "SIGTERM");
    expect(await sibling.exit).toBe(143);
    // Next would wait five seconds for each of them.
    expect(Date.now() - askedAt).toBeLessThan(4500);
    expect((await whoIs(app, browser))?.sub).toBe("eunji");
  });

  it("OU-06: an instance that is told to stop does not wait for a connection that was opened ahead and never used", async () => {
    sibling = await app.startSibling();
    // Node keeps the process for it for a minute.
    await new HttpBrowser().request(`${sibling.url}/healthz`);
    const ahead = connect(sibling.port, "localhost");
    ahead.on("error", () => {});
    await once(ahead, "connect");
    // It is accepted once a later one is answered.
    await new HttpBrowser().request(`${sibling.url}/healthz`);
    process.kill(sibling.pid, "SIGTERM");
    const askedAt = Date.now();
    expect(await sibling.exit).toBe(143);
    expect(Date.now() - askedAt).toBeLessThan(15_000);
    ahead.destroy();
  });
});
