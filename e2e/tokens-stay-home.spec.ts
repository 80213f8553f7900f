import type { CDPSession, Page, Response } from "@playwright/test";
import { hasSample } from "../dev/run/build";
import { chooseProvider, chooseUser } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";
import type { TestApp } from "./fixtures/test-app";

interface Seen {
  where: string;
  text: string;
}

interface PausedAnswer {
  requestId: string;
  request: { url: string };
  responseStatusCode?: number | undefined;
}

interface Listening {
  /** What has come so far, once it is all read. */
  settle(): Promise<Seen[]>;
}

/** Writes down everything that comes into the browser: addresses, headers and the bodies of text answers. */
async function listen(page: Page): Promise<Listening> {
  const seen: Promise<Seen>[] = [];
  page.on("request", (request) => {
    seen.push(Promise.resolve({ where: `address ${new URL(request.url()).pathname}`, text: request.url() }));
  });
  page.on("response", (response) => seen.push(headersOf(response)));
  // Each answer waits until its body is read: Chromium forgets it with the page, and pages leave when they like.
  const browser = await page.context().newCDPSession(page);
  browser.on("Fetch.requestPaused", (paused) => seen.push(bodyOf(browser, paused)));
  await browser.send("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Response" }] });
  return { settle: () => Promise.all(seen) };
}

async function headersOf(response: Response): Promise<Seen> {
  const lines = (await response.headersArray()).map(({ name, value }) => `${name}: ${value}`);
  return { where: `headers of ${response.url()}`, text: lines.join("\n") };
}

async function bodyOf(browser: CDPSession, paused: PausedAnswer): Promise<Seen> {
  const { requestId, request, responseStatusCode: status = 0 } = paused;
  let text = "";
  // Whatever fails here was called off by a page that left: it had not got a byte of the body, and never will.
  if (status >= 200 && status < 300) {
    const answer = await browser.send("Fetch.getResponseBody", { requestId }).catch(() => undefined);
    if (answer) text = answer.base64Encoded ? Buffer.from(answer.body, "base64").toString() : answer.body;
  }
  await browser.send("Fetch.continueRequest", { requestId }).catch(() => undefined);
  return { where: `body of ${request.url}`, text };
}

/** Signs in, and reads every body on the way. */
async function signInSlowly(page: Page, user: string, browser: Listening): Promise<void> {
  await page.goto("/account");
  await browser.settle();
  await chooseProvider(page);
  await page.waitForURL("**/interaction/**");
  await browser.settle();
  await chooseUser(page, user);
  await page.waitForURL("**/account");
  await browser.settle();
}

/** Every token that the company's provider has issued since, and the signature of each that has one. */
async function issuedSince(app: TestApp, since: number) {
  const issued = (await app.control.issued("company")).filter(({ seq }) => seq > since);
  const access = issued.flatMap(({ accessToken }) => accessToken ?? []);
  const refresh = issued.flatMap(({ refreshToken }) => refreshToken ?? []);
  const id = issued.flatMap(({ idToken }) => idToken ?? []);
  return { access, refresh, id, all: [...access, ...refresh, ...id].flatMap(withSignature) };
}

/** Every row of every table as text. */
async function dump(app: TestApp): Promise<Seen[]> {
  const tables = await app.rows<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["Session", "Grant", "AccessToken"]));
  return Promise.all(
    tables.map(async ({ name }) => ({
      where: `table ${name}`,
      text: JSON.stringify(await app.rows(`SELECT * FROM "${name}"`)),
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
  app,
}) => {
  const since = (await app.control.issued("company")).at(-1)?.seq ?? 0;
  const browser = await listen(page);
  await signInSlowly(page, "haneul", browser);
  const kept: Seen[] = [];
  // The inspector has a token made for each API and organization.
  const accountPages = ["/account", "/account/inspector", "/account/connections"];
  const services = hasSample ? ["/services/shopping", "/services/store", "/services/notes"] : [];
  for (const address of ["/", "/sign-in", ...accountPages, ...services, "/nowhere", "/signed-out", "/sign-out"]) {
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
  for (const address of [...accountPages, ...services]) {
    await page.evaluate(async (path) => (await fetch(path, { headers: { RSC: "1" } })).text(), address);
  }
  const proxied = async () => (await fetch("/api/services/shopping/orders", { headers: { "X-CSRF": "1" } })).text();
  expect(await page.evaluate(proxied)).toBe('{"orders":[]}');
  await browser.settle();
  kept.push({ where: "cookies when signed in", text: JSON.stringify(await context.cookies()) });
  kept.push(...(await dump(app)));
  await page.locator('form[data-scope="device"] button').click();
  await page.waitForURL("**/signed-out");
  kept.push({ where: "cookies afterwards", text: JSON.stringify(await context.cookies()) });
  kept.push(...(await dump(app)));

  const seen = await browser.settle();
  const tokens = await issuedSince(app, since);
  // The sign-in's, two APIs', two organizations', and one more.
  expect(tokens.access.length).toBeGreaterThanOrEqual(6);
  expect(tokens.refresh.length * tokens.id.length).toBeGreaterThan(0);
  // Had nothing been read, nothing could have been found.
  expect(seen.some(({ where, text }) => where.endsWith("/api/me") && text.includes("haneul@company.example"))).toBe(
    true,
  );
  expect(seen.some(({ where, text }) => where.includes("/account") && text.includes("김하늘"))).toBe(true);
  expect(leaks([...seen, ...kept], tokens.all)).toEqual([]);
  await expect.poll(() => app.output()).toContain("sign_in.succeeded");
  expect(leaks([{ where: "the app's output", text: app.output() }], tokens.all)).toEqual([]);
});

test("signing out at the provider shows it the ID token as its hint, and nothing else anywhere", async ({
  page,
  app,
}) => {
  const since = (await app.control.issued("company")).at(-1)?.seq ?? 0;
  const browser = await listen(page);
  await signInSlowly(page, "minsu", browser);
  await page.goto("/sign-out");
  await browser.settle();
  await page.locator('form[data-scope="provider"] button').click();
  await page.waitForURL("**/signed-out?**");

  const seen = await browser.settle();
  const tokens = await issuedSince(app, since);
  expect(leaks(seen, [...tokens.access, ...tokens.refresh])).toEqual([]);
  // RP-Initiated Logout 1.0, section 2: only the redirect to the provider, and the address that it leads to.
  const withIdToken = leaks(seen, tokens.id.flatMap(withSignature));
  expect(withIdToken.filter((where) => where.startsWith("headers"))).toEqual([
    `headers of ${app.url}/api/auth/signout`,
  ]);
  const atProvider = await Promise.all(
    (await app.control.journal("company", { endpoint: "end_session" })).map(({ path }) => `address ${path}`),
  );
  expect(withIdToken.filter((where) => !where.startsWith("headers")).every((where) => atProvider.includes(where))).toBe(
    true,
  );
  expect(leaks([{ where: "the app's output", text: app.output() }], tokens.all)).toEqual([]);
});
