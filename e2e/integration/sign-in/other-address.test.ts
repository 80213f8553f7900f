import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { type RunningApp, startApp } from "../../../dev/run/app";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { openTestApp, type TestApp } from "../../support/test-app";

let app: TestApp;
/** The same app as the world knows it, behind what ends its TLS. */
let published: RunningApp;
beforeAll(async () => {
  app = await openTestApp();
  const port = await findFreePort();
  const env = { ...app.environment, PORT: String(port), AUTH_URL: "https://gate.test" };
  published = await startApp({ env, port });
});
afterAll(async () => {
  await published?.stop();
  await app?.close();
});

const tokenOf = ({ body }: Page) => /name="csrfToken" value="([^"]+)"/.exec(body)?.[1] ?? "";
const codeOf = ({ location }: Page) => new URL(location ?? "http://none.invalid").searchParams.get("code");
const logged = (instance: RunningApp, message: string) =>
  instance
    .output()
    .split("\n")
    .filter((line) => line.includes(`"${message}"`));

describe("FF-13: the app opened by another address", () => {
  it("FF-13: sends a page that is opened by 127.0.0.1 on to the same path at its own address", async () => {
    const there = app.url.replace("localhost", "127.0.0.1");
    for (const path of ["/", "/sign-in", "/account?y=1&z=%2F", "/api/auth/callback/company?code=a&state=b"]) {
      const headers = { Host: new URL(there).host };
      const page = await new HttpBrowser().request(app.url + path, { headers });
      expect([page.status, page.location]).toEqual([307, app.url + path]);
      expect(page.headers.get("cache-control")).toContain("no-store");
    }
    await expect.poll(() => logged(app.instance, "address.other")).toHaveLength(1);
  });

  it.each(["www.gate.test", "app-git-main-team.preview.test"])(
    "FF-13: sends a page that is opened by %s on, whichever header the proxy names it in",
    async (host) => {
      for (const headers of [{ Host: host }, { "X-Forwarded-Host": host }] as Record<string, string>[]) {
        const page = await new HttpBrowser().request(`${published.url}/account?a=1`, { headers });
        expect([page.status, page.location]).toEqual([307, "https://gate.test/account?a=1"]);
      }
      const health = await new HttpBrowser().fetch(`${published.url}/healthz`, { headers: { Host: host } });
      expect(health.status).toBe(200);
    },
  );

  it("FF-13: sends nobody round for ever whose proxy names another host than the browser did", async () => {
    for (const host of ["127.0.0.1:3000", "web:3000", "10.0.0.7"]) {
      const page = await new HttpBrowser().request(`${published.url}/sign-in`, { headers: { Host: host } });
      expect(page.status).toBe(200);
    }
    const browser = new HttpBrowser();
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      const page = await browser.request(`${published.url}/sign-in`, { headers: { Host: "upstream.gate.test" } });
      statuses.push(page.status);
    }
    expect(statuses).toContain(307);
    expect(statuses.at(-1)).toBe(200);
  });

  it("FF-13: tells whoever sends a form there the true reason, and names the address to go to", async () => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/sign-in`);
    const host = new URL(app.url).host.replace("localhost", "127.0.0.1");
    const headers = { Host: host, Origin: `http://${host}` };
    const form = { csrfToken: tokenOf(page) };
    const refused = await browser.request(`${app.url}/api/auth/signin/company`, { method: "POST", form, headers });
    expect([refused.status, codeOf(refused)]).toEqual([303, "wrong_address"]);
    const told = await browser.request(refused.location ?? "");
    expect([told.status, told.body.includes(`href="${app.url}/sign-in"`)]).toEqual([403, true]);
    const fetched = await browser.fetch(`${app.url}/api/auth/signin/company`, { method: "POST", form, headers });
    expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([403, "wrong_address"]);
    expect(await lastAudit(app, "csrf.rejected")).toMatchObject({ reason: "wrong_address" });
    await expect.poll(() => logged(app.instance, "address.other")).toHaveLength(1);
  });

  it("FF-13: tells a browser that sends no cookies what is wrong, and the log once", async () => {
    for (let n = 0; n < 2; n += 1) {
      const page = await new HttpBrowser().request(`${app.url}/sign-in`);
      const url = `${app.url}/api/auth/signin/company`;
      const refused = await new HttpBrowser().request(url, { method: "POST", form: { csrfToken: tokenOf(page) } });
      expect(codeOf(refused)).toBe("cookies_blocked");
    }
    await expect.poll(() => logged(app.instance, "cookies.blocked")).toHaveLength(1);
  });
});
