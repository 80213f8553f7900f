import type { Page, Response } from "@playwright/test";
import type { House } from "./fixtures/house";
import { choosePerson, chooseProvider } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

interface Seen {
  where: string;
  text: string;
}

/** Writes down everything that comes into the browser: addresses, headers and the bodies of text answers. */
function listen(page: Page): { settle(): Promise<Seen[]> } {
  const seen: Promise<Seen>[] = [];
  page.on("request", (request) => {
    seen.push(Promise.resolve({ where: `address ${new URL(request.url()).pathname}`, text: request.url() }));
  });
  page.on("response", (response) => {
    seen.push(headersOf(response));
    if (hasText(response)) seen.push(bodyOf(response));
  });
  return { settle: () => Promise.all(seen) };
}

function hasText(response: Response): boolean {
  const type = response.headers()["content-type"] ?? "";
  return response.status() < 300 && /^(?:text|application)\//.test(type);
}

async function headersOf(response: Response): Promise<Seen> {
  const lines = (await response.headersArray()).map(({ name, value }) => `${name}: ${value}`);
  return { where: `headers of ${response.url()}`, text: lines.join("\n") };
}

async function bodyOf(response: Response): Promise<Seen> {
  const where = `body of ${response.url()}`;
  // Chromium forgets a body when the page is left; build output is the same for everybody and can be had again.
  const isBuildOutput = response.url().includes("/_next/static/");
  if (isBuildOutput) return { where, text: await (await fetch(response.url())).text() };
  // The provider's sign-out page loads our frame and is left at once, which no test can slow down.
  const isOfSignOut = /\/(?:frontchannel-logout\?|session\/end)/.test(response.url());
  return { where, text: await response.text().catch((error) => (isOfSignOut ? "" : Promise.reject(error))) };
}

/** Signs in at a pace at which every body on the way can be read. */
async function signInSlowly(page: Page, person: string, browser: ReturnType<typeof listen>): Promise<void> {
  await page.goto("/account");
  await browser.settle();
  await chooseProvider(page);
  await page.waitForURL("**/interaction/**");
  await browser.settle();
  await choosePerson(page, person);
  await page.waitForURL("**/account");
  await browser.settle();
}

/** Every token that the company's provider has issued since, and the signature of each that has one. */
async function issuedSince(house: House, since: number) {
  const issued = (await house.control.issued("company")).filter(({ seq }) => seq > since);
  const access = issued.flatMap(({ accessToken }) => accessToken ?? []);
  const refresh = issued.flatMap(({ refreshToken }) => refreshToken ?? []);
  const id = issued.flatMap(({ idToken }) => idToken ?? []);
  return { access, refresh, id, all: [...access, ...refresh, ...id].flatMap(withSignature) };
}

/** Every row of every table as text. */
async function dump(house: House): Promise<Seen[]> {
  const tables = await house.rows<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["Session", "Grant", "AccessToken"]));
  return Promise.all(
    tables.map(async ({ name }) => ({
      where: `table ${name}`,
      text: JSON.stringify(await house.rows(`SELECT * FROM "${name}"`)),
    })),
  );
}

function withSignature(token: string): string[] {
  const [, , signature] = token.split(".");
  return signature ? [token, signature] : [token];
}

function leaks(seen: readonly Seen[], tokens: readonly string[]): string[] {
  return seen.filter(({ text }) => tokens.some((token) => text.includes(token))).map(({ where }) => where);
}

test("no answer, address, cookie or storage of a whole visit holds a token, and neither does what the app printed", async ({
  page,
  context,
  house,
}) => {
  const since = (await house.control.issued("company")).at(-1)?.seq ?? 0;
  const browser = listen(page);
  await signInSlowly(page, "haneul", browser);
  const kept: Seen[] = [];
  // The inspector has a token made for each API and organization.
  const rooms = ["/account", "/account/inspector", "/account/connections"];
  const services = ["/services/shopping", "/services/store", "/services/notes"];
  for (const address of ["/", "/sign-in", ...rooms, ...services, "/nowhere", "/signed-out", "/sign-out"]) {
    await page.goto(address);
    await browser.settle();
    const storage = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    kept.push({ where: `storage on ${address}`, text: storage });
  }
  const read = async (path: string) => {
    const response = await fetch(path);
    await response.text();
    return response.status;
  };
  const readable = ["/api/me", "/api/session", "/api/auth/session", "/api/auth/csrf", "/api/auth/providers"];
  for (const address of [...readable, "/api/me?source=userinfo"]) expect(await page.evaluate(read, address)).toBe(200);
  expect(await page.evaluate(read, `/api/tokens/${encodeURIComponent("https://shopping.example/api")}`)).toBe(403);
  const refreshed = await page.evaluate(async () => {
    const headers = { "X-CSRF": "1", "Content-Type": "application/json" };
    const body = JSON.stringify({ organization: "org_hanok" });
    const response = await fetch("/api/tokens/refresh", { method: "POST", headers, body });
    return `${response.status} ${await response.text()}`;
  });
  expect(refreshed).toContain("200 ");
  kept.push({ where: "the answer of a refresh", text: refreshed });
  for (const address of [...rooms, ...services]) {
    await page.evaluate(async (path) => (await fetch(path, { headers: { RSC: "1" } })).text(), address);
  }
  const proxied = async () => (await fetch("/api/services/shopping/orders", { headers: { "X-CSRF": "1" } })).text();
  expect(await page.evaluate(proxied)).toBe('{"orders":[]}');
  await browser.settle();
  kept.push({ where: "cookies when signed in", text: JSON.stringify(await context.cookies()) });
  kept.push(...(await dump(house)));
  await page.locator('form[data-scope="device"] button').click();
  await page.waitForURL("**/signed-out");
  kept.push({ where: "cookies afterwards", text: JSON.stringify(await context.cookies()) });
  kept.push(...(await dump(house)));

  const seen = await browser.settle();
  const tokens = await issuedSince(house, since);
  // The sign-in's, two APIs', two organizations', and one more.
  expect(tokens.access.length).toBeGreaterThanOrEqual(6);
  expect(tokens.refresh.length * tokens.id.length).toBeGreaterThan(0);
  // Had nothing been read, nothing could have been found.
  expect(seen.some(({ where, text }) => where.endsWith("/api/me") && text.includes("haneul@company.example"))).toBe(
    true,
  );
  expect(seen.some(({ where, text }) => where.includes("/account") && text.includes("김하늘"))).toBe(true);
  expect(leaks([...seen, ...kept], tokens.all)).toEqual([]);
  expect(house.output()).toContain("sign_in.succeeded");
  expect(leaks([{ where: "the app's output", text: house.output() }], tokens.all)).toEqual([]);
});

test("signing out at the provider shows it the ID token as its hint, and nothing else anywhere", async ({
  page,
  house,
}) => {
  const since = (await house.control.issued("company")).at(-1)?.seq ?? 0;
  const browser = listen(page);
  await signInSlowly(page, "minsu", browser);
  await page.goto("/sign-out");
  await browser.settle();
  await page.locator('form[data-scope="provider"] button').click();
  await page.waitForURL("**/signed-out?**");

  const seen = await browser.settle();
  const tokens = await issuedSince(house, since);
  expect(leaks(seen, [...tokens.access, ...tokens.refresh])).toEqual([]);
  // RP-Initiated Logout 1.0, section 2: only the redirect to the provider, and the address that it leads to.
  const withIdToken = leaks(seen, tokens.id.flatMap(withSignature));
  expect(withIdToken.filter((where) => where.startsWith("headers"))).toEqual([
    `headers of ${house.url}/api/auth/signout`,
  ]);
  const atProvider = await Promise.all(
    (await house.control.journal("company", { endpoint: "end_session" })).map(({ path }) => `address ${path}`),
  );
  expect(withIdToken.filter((where) => !where.startsWith("headers")).every((where) => atProvider.includes(where))).toBe(
    true,
  );
  expect(leaks([{ where: "the app's output", text: house.output() }], tokens.all)).toEqual([]);
});
