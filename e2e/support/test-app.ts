import { expect, inject } from "vitest";
import type { RunningApp } from "../../dev/run/app";
import { HttpBrowser, type Page } from "./http-browser";
import { startTestApp, type TestApp, type TestAppOptions } from "./start-app";

export type { TestApp } from "./start-app";
export { clientId, clientSecret } from "./start-app";

/** Starts an app of its own for a test file, on the run's PostgreSQL. */
export function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  return startTestApp({ ...options, postgresUrl: inject("servers").postgresUrl });
}

// Vitest runs the files of a worker in one process (see vitest.config.ts), and what was started ends with it.
const shared = new Map<string, Promise<TestApp>>();

/**
 * The app that test files of one worker share when they tell it the same: for files that neither stop it nor cut it off.
 * Each begins with an empty database, an empty log, and providers and services as they were started.
 */
export async function shareTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const told = JSON.stringify(options);
  const opened = shared.get(told) ?? openTestApp(options);
  shared.set(told, opened);
  const app = await opened;
  const clean = async () => {
    await Promise.all(Object.keys(app.issuers).map((id) => app.control.reset(id)));
    await Promise.all(Object.values(app.services).map(({ control }) => control.reset()));
    const tables =
      '"User", "SpentState", "ReturnPath", "LogoutToken", "RateLimit", "AuditEvent", "Revocation", "DailyCount", "WebhookMessage", "SigningKey"';
    await app.rows(`TRUNCATE ${tables} CASCADE`);
  };
  await clean();
  const siblings: RunningApp[] = [];
  return {
    ...app,
    instance: withLogFromNow(app.instance),
    shareSibling: async () => withLogFromNow(await app.shareSibling()),
    startSibling: async (different) => {
      const sibling = await app.startSibling(different);
      siblings.push(sibling);
      return sibling;
    },
    close: async () => {
      await Promise.all(siblings.map((sibling) => sibling.stop()));
    },
  };
}

function withLogFromNow(instance: RunningApp): RunningApp {
  const begun = instance.output().length;
  return { ...instance, output: () => instance.output().slice(begun) };
}

/** Opens the sign-in page and sends the provider's form. Answers the redirect to the provider. */
export async function startSignIn(
  app: TestApp,
  browser: HttpBrowser,
  {
    provider = "company",
    returnTo = "/account",
    extra = {},
  }: { provider?: string; returnTo?: string; extra?: Record<string, string> } = {},
): Promise<Page> {
  const page = await browser.request(`${app.url}/sign-in?${new URLSearchParams({ returnTo })}`);
  return browser.submit(page, `data-provider="${provider}"`, extra);
}

/** Goes through the provider's page as `person`. Answers the redirect back to the app, not yet followed. */
export async function meetProvider(app: TestApp, browser: HttpBrowser, started: Page, user: string): Promise<Page> {
  expect(started.status, started.body.slice(0, 300)).toBe(302);
  const staysThere = (url: string) => !url.startsWith(app.url);
  const page = await browser.visit(started.location ?? "", {}, staysThere);
  if (page.location) return page;
  const chosen = await browser.submit(page, `data-person="${user}"`);
  if (!staysThere(chosen.location ?? "")) return chosen;
  return browser.visit(chosen.location ?? "", {}, staysThere);
}

/** A whole sign-in up to, and without, the callback's own redirect. */
export async function signIn(
  app: TestApp,
  browser: HttpBrowser,
  {
    user = "minsu",
    ...options
  }: { provider?: string; user?: string; returnTo?: string; extra?: Record<string, string> } = {},
): Promise<Page> {
  const started = await startSignIn(app, browser, options);
  const back = await meetProvider(app, browser, started, user);
  return browser.request(back.location ?? "");
}

/** A browser that is signed in. */
export async function signedIn(app: TestApp, options: Parameters<typeof signIn>[2] = {}): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  const page = await signIn(app, browser, options);
  expect(page.status, page.body.slice(0, 300)).toBe(303);
  expect((await whoIs(app, browser))?.sub).toBe(options.user ?? "minsu");
  return browser;
}

/** Somebody whose sign-in at the provider was an hour ago; the app's own has just begun. */
export async function signedInLongAgo(app: TestApp, user: string): Promise<HttpBrowser> {
  const browser = new HttpBrowser();
  await app.control.setClock("company", -3600);
  await meetProvider(app, browser, await startSignIn(app, browser), user);
  await app.control.setClock("company", 0);
  // The provider knows them by now and asks nothing.
  expect((await signIn(app, browser, { user })).status).toBe(303);
  return browser;
}

/** Who the app says is there, or null. */
export async function whoIs(app: TestApp, browser: HttpBrowser): Promise<{ sub: string; user: { id: string } } | null> {
  const page = await browser.fetch(`${app.url}/api/me`);
  return page.status === 200 ? JSON.parse(page.body) : null;
}
