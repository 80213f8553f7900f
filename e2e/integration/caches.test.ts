import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, crawlAddresses, waysToAsk } from "./crawl";
import { type House, meetProvider, openHouse, signedIn, startSignIn, whoIs } from "./house";
import { HttpBrowser, type Page } from "./http-browser";
import { findNginx, startCachingProxy } from "./nginx";

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
  let house: House;
  beforeAll(async () => {
    // The gate renews the cookie every second, so that many an answer of the crawl sets it.
    house = await openHouse({ env: { SESSION_IDLE_SECONDS: "7", SESSION_ABSOLUTE_SECONDS: "600" } });
  });
  afterAll(() => house.close());

  function expectPrivate(what: string, answered: Page): void {
    const cacheControl = answered.headers.get("cache-control") ?? "";
    expect(`${what}: ${cacheControl}`).toMatch(/: .*\bprivate\b/);
    expect(`${what}: ${cacheControl}`).toMatch(/: .*\bno-store\b/);
    expect(cacheControl, what).not.toMatch(/\b(?:public|s-maxage)\b/);
  }

  it("HC-01: whatever sets a cookie or knows the person is private and not stored, however it is asked for", async () => {
    const browser = await signedIn(house, { person: "haneul" });
    const secrets = [...haneul, (await whoIs(house, browser))?.user.id ?? "nobody"];
    const knowing = new Set<string>();
    let cookiesSet = 0;
    for (const path of crawlAddresses()) {
      for (const [way, options] of Object.entries(waysToAsk)) {
        for (const answered of await ask(browser, house.url + path, options)) {
          const what = `${way} ${path} ${answered.status}`;
          expect(answered.status, what).toBeLessThan(500);
          const isPersonal = holds(answered, secrets) || /csrfToken/.test(answered.body);
          const setsCookie = answered.headers.getSetCookie().length > 0;
          if (isPersonal) knowing.add(`${way} ${path}`);
          if (setsCookie) cookiesSet += 1;
          if (isPersonal || setsCookie) expectPrivate(what, answered);
        }
      }
    }
    // That the crawl looked at what it is about.
    for (const seen of ["navigation /account", "rsc /account", "navigation /", "rsc /", "fetch /api/me"]) {
      expect([...knowing]).toContain(seen);
    }
    expect(cookiesSet).toBeGreaterThan(0);
    expect(await whoIs(house, browser)).not.toBeNull();
  });

  it("HC-01: so is every step of signing in and out, and every refusal on the way", async () => {
    const browser = new HttpBrowser();
    const started = await startSignIn(house, browser);
    const back = await meetProvider(house, browser, started, "minsu");
    const finished = await browser.request(back.location ?? "");
    const again = await browser.request(back.location ?? "");
    const elsewhere = await new HttpBrowser().request(back.location ?? "");
    const page = await browser.request(`${house.url}/sign-out`);
    const forged = await browser.request(`${house.url}/api/auth/signout`, { method: "POST", form: { csrfToken: "x" } });
    const foreign = await browser.request(`${house.url}/api/auth/signin/company`, {
      method: "POST",
      form: { csrfToken: "x" },
      headers: { Origin: "https://evil.test" },
    });
    const left = await browser.submit(page, 'data-scope="device"');
    const told = await browser.request(`${house.url}/signed-out`);
    const steps = { started, finished, again, elsewhere, page, forged, foreign, left, told };
    for (const [what, answered] of Object.entries(steps)) expectPrivate(`${what} ${answered.status}`, answered);
    expect(finished.headers.getSetCookie().join()).toContain("daemun.session=");
    expect(left.headers.getSetCookie().join()).toMatch(/daemun\.session=;/);
  });

  it("HC-01: so is what a person is answered whose cookie opens nothing, static files too", async () => {
    for (const path of crawlAddresses()) {
      for (const [way, options] of Object.entries(waysToAsk)) {
        const browser = new HttpBrowser();
        browser.setCookie(house.url, "daemun.session", "garbage");
        for (const answered of await ask(browser, house.url + path, options)) {
          if (answered.headers.getSetCookie().length > 0) expectPrivate(`${way} ${path} ${answered.status}`, answered);
        }
      }
    }
  });
});

describe("behind a shared cache", () => {
  let house: House;
  let proxy: { stop(): Promise<void> };
  const hasNginx = findNginx() !== null;
  beforeAll(async () => {
    if (!hasNginx) return;
    house = await openHouse({ behindProxy: true });
    proxy = await startCachingProxy(Number(new URL(house.url).port), house.app.port);
  });
  afterAll(async () => {
    await proxy?.stop();
    await house?.close();
  });

  async function staticAddresses(): Promise<string[]> {
    const { body } = await new HttpBrowser().request(`${house.url}/`);
    const built = [...body.matchAll(/"(\/_next\/static\/[^"\\]+\.(?:css|js))"/g)].flatMap(([, path]) => path ?? []);
    expect(built.length).toBeGreaterThan(0);
    return ["/icon.svg", "/robots.txt", ...built.slice(0, 3)];
  }

  it.skipIf(!hasNginx)(
    "HC-02: nothing that one person was answered reaches a stranger or another person",
    { timeout: 120_000 },
    async () => {
      const a = await signedIn(house, { person: "haneul" });
      const b = await signedIn(house, { person: "minsu" });
      const secrets = [...haneul, (await whoIs(house, a))?.user.id ?? "nobody"];
      const others = { "a stranger": new HttpBrowser(), "another person": b };
      const seen = new Set<string | null>();
      const addresses = [...crawlAddresses(), ...(await staticAddresses())];
      for (const path of addresses) {
        for (const [way, options] of Object.entries(waysToAsk)) {
          const primed = await ask(a, house.url + path, options);
          const given = new Set(primed.flatMap(cookiePairs));
          for (const [who, other] of Object.entries(others)) {
            for (const answered of await ask(other, house.url + path, options)) {
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
      const [stranger, person] = [others["a stranger"], others["another person"]];
      expect((await stranger.request(`${house.url}/account`)).status).toBe(307);
      expect((await stranger.fetch(`${house.url}/api/me`)).status).toBe(401);
      expect((await whoIs(house, person))?.sub).toBe("minsu");
      expect((await whoIs(house, a))?.sub).toBe("haneul");
    },
  );

  it.skipIf(!hasNginx)("HC-02: static files carry no cookie, whoever asked for them first", async () => {
    const person = await signedIn(house, { person: "eunji" });
    for (const path of await staticAddresses()) {
      const broken = new HttpBrowser();
      broken.setCookie(house.url, "daemun.session", "garbage");
      // Whoever holds a cookie that opens nothing may be told so, but only they.
      await broken.request(house.url + path);
      for (const browser of [person, new HttpBrowser(), person]) {
        const answered = await browser.request(house.url + path);
        expect([path, answered.status]).toEqual([path, 200]);
        expect([path, answered.headers.getSetCookie()]).toEqual([path, []]);
      }
    }
    expect((await whoIs(house, person))?.sub).toBe("eunji");
  });

  it.skipIf(!hasNginx)("HC-02: a stranger who asks as the router does spoils no address for others", async () => {
    for (const path of ["/sign-in", "/signed-out", "/healthz", "/icon.svg"]) {
      for (const headers of [waysToAsk.rsc?.headers, waysToAsk.prefetch?.headers, { RSC: "0" }]) {
        await new HttpBrowser().request(house.url + path, { ...(headers && { headers }) });
        expect([path, (await new HttpBrowser().request(house.url + path)).status]).toEqual([path, 200]);
      }
    }
  });

  it.skipIf(!hasNginx)("HC-02: forms work: nobody is served a page that was made for somebody else", async () => {
    for (const person of ["minsu", "eunji"]) {
      const browser = await signedIn(house, { person });
      const page = await browser.request(`${house.url}/sign-out`);
      expect(page.headers.get("x-cache-status")).toBe("MISS");
      const left = await browser.submit(page, 'data-scope="device"');
      expect(left.status).toBe(303);
      expect(await whoIs(house, browser)).toBeNull();
    }
  });
});
