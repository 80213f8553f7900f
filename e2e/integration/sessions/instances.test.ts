import { afterAll, beforeAll, describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import type { RunningApp } from "../../../dev/run/app";
import type { Gate } from "../../../edge/config";
import { fetchFlight } from "../../support/crawl";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { routes } from "../../support/routes";
import { meetProvider, openTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await openTestApp();
  sibling = await app.startSibling();
});
afterAll(() => app.close());

/** Every surface that asks who is there, at one instance: what each answered. */
async function surfaces(browser: HttpBrowser, base: string) {
  const [page, flight, handler, session] = await Promise.all([
    browser.request(`${base}/account`),
    fetchFlight(browser, `${base}/account`),
    browser.fetch(`${base}/api/me`),
    browser.fetch(`${base}/api/session`),
  ]);
  return { page, flight, handler, session };
}

/** How many of the surfaces let somebody in. */
async function openSurfaces(browser: HttpBrowser, base: string, user: string): Promise<string[]> {
  const { page, flight, handler, session } = await surfaces(browser, base);
  return [
    ...(page.status === 200 ? ["page"] : []),
    ...(flight.status === 200 && flight.body.includes(user) ? ["flight"] : []),
    ...(handler.status === 200 ? ["handler"] : []),
    ...(JSON.parse(session.body).authenticated ? ["session"] : []),
  ];
}

const everywhere = ["page", "flight", "handler", "session"];

async function signOutAt(base: string, browser: HttpBrowser, scope: string): Promise<void> {
  const page = await browser.request(`${base}/sign-out`);
  const fields = { csrfToken: /name="csrfToken" value="([^"]*)"/.exec(page.body)?.[1] ?? "", scope };
  const headers = { Origin: app.url };
  const answered = await browser.request(`${base}/api/auth/signout`, { method: "POST", form: fields, headers });
  expect(answered.status).toBe(303);
}

describe("two instances on one database", () => {
  it.each(["device", "everywhere"])(
    "CC-04: a session that ends on one (%s) is refused on the other at once: page, RSC, handler",
    async (scope) => {
      for (const [ending, other] of [
        [app.url, sibling.url],
        [sibling.url, app.url],
      ] as const) {
        const browser = await signedIn(app, { user: "minsu" });
        const thief = browser.clone();
        expect(await openSurfaces(thief, other, "minsu")).toEqual(everywhere);
        await signOutAt(ending, browser, scope);
        const endedAt = Date.now();
        expect(await openSurfaces(thief, other, "minsu")).toEqual([]);
        expect(Date.now() - endedAt).toBeLessThan(1000);
        expect(await openSurfaces(thief, ending, "minsu")).toEqual([]);
        expect(await lastAudit(app, "session.rejected")).toMatchObject({ reason: "session_revoked" });
      }
    },
  );

  it("CC-04: a session that was ended by hand in the registry, and a person who was disabled, are refused on both", async () => {
    for (const sql of [
      `UPDATE "Session" SET "endedAt" = now(), "endReason" = 'session_revoked', "endedBy" = 'admin' WHERE "userId" = $1`,
      `UPDATE "User" SET "disabledAt" = now() WHERE id = $1`,
    ]) {
      const browser = await signedIn(app, { user: "jiwoo" });
      const me = await whoIs(app, browser);
      for (const base of [app.url, sibling.url]) {
        expect(await openSurfaces(browser.clone(), base, "jiwoo")).toEqual(everywhere);
      }
      await app.rows(sql, [me?.user.id]);
      for (const base of [app.url, sibling.url]) expect(await openSurfaces(browser.clone(), base, "jiwoo")).toEqual([]);
    }
    await app.rows(`UPDATE "User" SET "disabledAt" = NULL`);
  });

  it("CC-04: a role that was taken from the session's row opens nothing that needs it, on either instance", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const me = await whoIs(app, browser);
    await app.rows(`UPDATE "Session" SET roles = '{}' WHERE "userId" = $1`, [me?.user.id]);
    // The cookie still says `admin`, so that the gate lets them through: the page behind it is what has to refuse.
    const guarded = routes().filter((route) =>
      (daemun.gates as readonly Gate[]).some(({ path, roles }) => roles && isBelow(route, path)),
    );
    for (const base of [app.url, sibling.url]) {
      for (const route of guarded) {
        const isApi = route.startsWith("/api/");
        const { status } = await (isApi ? browser.fetch(base + route) : browser.request(base + route));
        // What takes a form alone has nothing to say to a GET.
        expect([route, status]).toEqual([route, isApi && status === 405 ? 405 : 403]);
      }
      expect((await browser.request(`${base}/admin`)).status).toBeGreaterThanOrEqual(403);
      expect(await openSurfaces(browser, base, "haneul")).toEqual(everywhere);
    }
  });

  it("CC-04: a role that the provider took away is gone from the next sign-in, and both gates refuse", async () => {
    const former = await signedIn(app, { user: "haneul" });
    expect((await former.request(`${app.url}/admin`)).status).not.toBe(403);
    await app.control.changeUser("company", "haneul", { roles: [] });
    try {
      const browser = await signedIn(app, { user: "haneul" });
      for (const base of [app.url, sibling.url]) {
        expect((await browser.request(`${base}/admin`)).status).toBe(403);
        const fetched = await browser.fetch(`${base}/admin`);
        expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([403, "forbidden"]);
      }
    } finally {
      await app.control.changeUser("company", "haneul", { roles: ["admin"] });
    }
  });

  it("a sign-in that began on one is finished on the other, once", async () => {
    const browser = new HttpBrowser();
    const back = await signInUpToCallback(browser);
    const answered = await browser.request(back.replace(app.url, sibling.url));
    expect(answered.status).toBe(303);
    for (const base of [app.url, sibling.url]) expect(await openSurfaces(browser, base, "eunji")).toEqual(everywhere);
    const again = await new HttpBrowser().request(back);
    expect(new URL(again.location ?? "").searchParams.get("code")).toBe("state_mismatch");
  });

  it("one callback that is delivered to both at once signs in once", async () => {
    const browser = new HttpBrowser();
    const back = await signInUpToCallback(browser);
    const twin = browser.clone();
    const before = await succeeded();
    const answers = await Promise.all([browser.request(back), twin.request(back.replace(app.url, sibling.url))]);
    const returnPaths = answers.map(({ location }) => new URL(location ?? "").pathname).sort();
    expect(returnPaths).toEqual(["/account", "/auth-error"]);
    expect((await succeeded()) - before).toBe(1);
  });
});

function isBelow(route: string, gate: string): boolean {
  return gate.endsWith("/*") ? `${route}/`.startsWith(gate.slice(0, -1)) : route === gate;
}

async function signInUpToCallback(browser: HttpBrowser): Promise<string> {
  const back = await meetProvider(app, browser, await startSignIn(app, browser), "eunji");
  return back.location ?? "";
}

async function succeeded(): Promise<number> {
  const rows = await app.rows(`SELECT 1 FROM "AuditEvent" WHERE event = 'sign_in.succeeded'`);
  return rows.length;
}
