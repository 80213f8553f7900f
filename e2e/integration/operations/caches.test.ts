import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { ask, crawlAddresses, waysToAsk } from "../../support/crawl";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { findNginx, startCachingProxy } from "../../support/nginx";
import { meetProvider, openTestApp, signedIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

// What nobody else may see of haneul. The user's id comes along in each test.
const haneul = ["김하늘", "haneul@company.example", "p-haneul", '"haneul"', "01012345678"];

function holds(answered: Page, secrets: readonly string[]): boolean {
  return secrets.some((secret) => answered.body.includes(secret) || (answered.location ?? "").includes(secret));
}

/** The cookies that an answer gives, without those that it takes away. */
function cookiePairs(answered: Page): string[] {
  const pairs = answered.headers.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
  return pairs.filter((pair) => !pair.endsWith("="));
}

describe("what caches are told", () => {
  let app: TestApp;
  beforeAll(async () => {
    // The gate renews the cookie every second, so that many an answer of the crawl sets it.
    app = await openTestApp({ env: { SESSION_IDLE_SECONDS: "7", SESSION_ABSOLUTE_SECONDS: "600" } });
  });
  afterAll(() => app.close());

  function expectPrivate(what: string, answered: Page): void {
    const cacheControl = answered.headers.get("cache-control") ?? "";
    expect(`${what}: ${cacheControl}`).toMatch(/: .*\bprivate\b/);
    expect(`${what}: ${cacheControl}`).toMatch(/: .*\bno-store\b/);
    expect(cacheControl, what).not.toMatch(/\b(?:public|s-maxage)\b/);
  }

  it("HC-01: whatever sets a cookie or knows the person is private and not stored, however it is asked for", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const secrets = [...haneul, (await whoIs(app, browser))?.user.id ?? "nobody"];
    const knowing = new Set<string>();
    let cookiesSet = 0;
    for (const path of crawlAddresses()) {
      for (const [way, options] of Object.entries(waysToAsk)) {
        for (const answered of await ask(browser, app.url + path, options)) {
          const what = `${way} ${path} ${answered.status}`;
          expect(answered.status, what).toBeLessThan(500);
          const isPrivate = holds(answered, secrets) || /csrfToken/.test(answered.body);
          const setsCookie = answered.headers.getSetCookie().length > 0;
          if (isPrivate) knowing.add(`${way} ${path}`);
          if (setsCookie) cookiesSet += 1;
          if (isPrivate || setsCookie) expectPrivate(what, answered);
        }
      }
    }
    // That the crawl looked at what it is about.
    for (const seen of ["navigation /account", "rsc /account", "navigation /", "rsc /", "fetch /api/me"]) {
      expect([...knowing]).toContain(seen);
    }
    expect(cookiesSet).toBeGreaterThan(0);
    expect(await whoIs(app, browser)).not.toBeNull();
  });

  it("HC-01: every step of signing in and out, and every refusal on the way, is private and not stored", async () => {
    const browser = new HttpBrowser();
    const started = await startSignIn(app, browser);
    const back = await meetProvider(app, browser, started, "minsu");
    const finished = await browser.request(back.location ?? "");
    const again = await browser.request(back.location ?? "");
    const elsewhere = await new HttpBrowser().request(back.location ?? "");
    const page = await browser.request(`${app.url}/sign-out`);
    const forged = await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form: { csrfToken: "x" } });
    const foreign = await browser.request(`${app.url}/api/auth/signin/company`, {
      method: "POST",
      form: { csrfToken: "x" },
      headers: { Origin: "https://evil.test" },
    });
    const left = await browser.submit(page, 'data-scope="device"');
    const told = await browser.request(`${app.url}/signed-out`);
    const steps = { started, finished, again, elsewhere, page, forged, foreign, left, told };
    for (const [what, answered] of Object.entries(steps)) expectPrivate(`${what} ${answered.status}`, answered);
    expect(finished.headers.getSetCookie().join()).toContain(`${sessionCookie(app.url)}=`);
    expect(left.headers.getSetCookie().join()).toContain(`${sessionCookie(app.url)}=;`);
  });

  it("HC-01: what a person is answered whose cookie opens nothing is private and not stored, static files too", async () => {
    for (const path of crawlAddresses()) {
      for (const [way, options] of Object.entries(waysToAsk)) {
        const browser = new HttpBrowser();
        browser.setCookie(app.url, sessionCookie(app.url), "garbage");
        for (const answered of await ask(browser, app.url + path, options)) {
          if (answered.headers.getSetCookie().length > 0) expectPrivate(`${way} ${path} ${answered.status}`, answered);
        }
      }
    }
  });
});

describe("behind a shared cache", () => {
  let app: TestApp;
  let proxy: { stop(): Promise<void> };
  const hasNginx = findNginx() !== null;
  beforeAll(async () => {
    if (!hasNginx) return;
    app = await openTestApp({ behindProxy: true });
    proxy = await startCachingProxy(Number(new URL(app.url).port), app.instance.port);
  });
  afterAll(async () => {
    await proxy?.stop();
    await app?.close();
  });

  async function staticAddresses(): Promise<string[]> {
    const { body } = await new HttpBrowser().request(`${app.url}/`);
    const built = [...body.matchAll(/"(\/_next\/static\/[^"\\]+\.(?:css|js))"/g)].flatMap(([, path]) => path ?? []);
    expect(built.length).toBeGreaterThan(0);
    return ["/icon.svg", "/robots.txt", ...built.slice(0, 3)];
  }

  it.skipIf(!hasNginx)(
    "HC-02: behind a shared cache nothing that one person was answered reaches anybody else",
    { timeout: 120_000 },
    async () => {
      const a = await signedIn(app, { user: "haneul" });
      const b = await signedIn(app, { user: "minsu" });
      const secrets = [...haneul, (await whoIs(app, a))?.user.id ?? "nobody"];
      const others = { "a stranger": new HttpBrowser(), "another person": b };
      const seen = new Set<string | null>();
      const addresses = [...crawlAddresses(), ...(await staticAddresses())];
      for (const path of addresses) {
        for (const [way, options] of Object.entries(waysToAsk)) {
          const primed = await ask(a, app.url + path, options);
          const given = new Set(primed.flatMap(cookiePairs));
          for (const [who, other] of Object.entries(others)) {
            for (const answered of await ask(other, app.url + path, options)) {
              const kept = answered.headers.get("x-cache-status");
              const what = `${way} ${path} to ${who}: ${answered.status} ${kept}`;
              seen.add(kept);
              expect(holds(answered, secrets), what).toBe(false);
              expect(
                cookiePairs(answered).filter((pair) => given.has(pair)),
                what,
              ).toEqual([]);
              if (kept === "HIT") expect(answered.headers.getSetCookie(), what).toEqual([]);
            }
          }
        }
      }
      // That there was a cache, and that it kept what it may.
      expect([...seen]).toContain("HIT");
      const [stranger, user] = [others["a stranger"], others["another person"]];
      expect((await stranger.request(`${app.url}/account`)).status).toBe(307);
      expect((await stranger.fetch(`${app.url}/api/me`)).status).toBe(401);
      expect((await whoIs(app, user))?.sub).toBe("minsu");
      expect((await whoIs(app, a))?.sub).toBe("haneul");
    },
  );

  it.skipIf(!hasNginx)("HC-02: static files carry no cookie, whoever asked for them first", async () => {
    const user = await signedIn(app, { user: "eunji" });
    for (const path of await staticAddresses()) {
      const broken = new HttpBrowser();
      broken.setCookie(app.url, sessionCookie(app.url), "garbage");
      // Whoever holds a cookie that opens nothing may be told so, but only they.
      await broken.request(app.url + path);
      for (const browser of [user, new HttpBrowser(), user]) {
        const answered = await browser.request(app.url + path);
        expect([path, answered.status]).toEqual([path, 200]);
        expect([path, answered.headers.getSetCookie()]).toEqual([path, []]);
      }
    }
    expect((await whoIs(app, user))?.sub).toBe("eunji");
  });

  it.skipIf(!hasNginx)("HC-02: a stranger who asks as the router does spoils no address for others", async () => {
    for (const path of ["/sign-in", "/signed-out", "/healthz", "/icon.svg"]) {
      for (const headers of [waysToAsk.rsc?.headers, waysToAsk.prefetch?.headers, { RSC: "0" }]) {
        await new HttpBrowser().request(app.url + path, { ...(headers && { headers }) });
        expect([path, (await new HttpBrowser().request(app.url + path)).status]).toEqual([path, 200]);
      }
    }
  });

  it.skipIf(!hasNginx)(
    "HC-02: behind a shared cache forms work, since nobody is served a page made for another",
    async () => {
      for (const user of ["minsu", "eunji"]) {
        const browser = await signedIn(app, { user });
        const page = await browser.request(`${app.url}/sign-out`);
        expect(page.headers.get("x-cache-status")).toBe("MISS");
        const left = await browser.submit(page, 'data-scope="device"');
        expect(left.status).toBe(303);
        expect(await whoIs(app, browser)).toBeNull();
      }
    },
  );
});
