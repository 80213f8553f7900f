import type { Page } from "@playwright/test";
import type { TestApp } from "../fixtures/test-app";

/** A page to be kept as a picture. A new page of the app is one more line. */
export interface PageToKeep {
  /** Of its file. */
  name: string;
  address: string;
  /** Who looks at it: somebody with everything, somebody with nothing, or nobody who is signed in. */
  as: "haneul" | "blank" | null;
  /** What is done on it before the picture is taken. */
  prepare?: (page: Page, app: TestApp) => Promise<unknown>;
}

const openAll = (page: Page) =>
  page.locator("main details").evaluateAll((all) => {
    for (const details of all) details.setAttribute("open", "");
  });

async function countNothing(page: Page, app: TestApp): Promise<void> {
  await app.rows(`TRUNCATE "DailyCount"`);
  await page.reload();
}

async function countAMonth(page: Page, app: TestApp): Promise<void> {
  await app.rows(
    `INSERT INTO "DailyCount" (day, events, users, sessions, "mostSessions", "signInMedian", "signInP95", "countedAt")
     SELECT (now() AT TIME ZONE 'UTC')::date - n, jsonb_build_array(
       jsonb_build_array('sign_in.succeeded', 'success', '', 'company', 40 + n * 7 % 23),
       jsonb_build_array('sign_in.failed', 'failure', 'provider_timeout', 'company', n % 7),
       jsonb_build_array('token.refresh_failed', 'failure', 'provider_timeout', 'company', n % 3)),
       1234, 56, 60 + n % 9, 180 + n * 5 % 40, 400 + n * 31 % 300, now()
     FROM generate_series(0, 29) n ON CONFLICT DO NOTHING`,
  );
  await page.reload();
}

/** Those that need nobody come first: a browser signs in once. */
export const pagesToKeep: readonly PageToKeep[] = [
  { name: "home", address: "/", as: null },
  { name: "sign-in", address: "/sign-in", as: null },
  { name: "sign-in-details", address: "/sign-in", as: null, prepare: openAll },
  { name: "sign-in-error", address: "/sign-in?error=provider_unavailable&provider=company", as: null },
  { name: "sign-out-anonymous", address: "/sign-out", as: null },
  { name: "signed-out-unknown", address: "/signed-out", as: null },
  { name: "auth-error", address: "/auth-error?code=account_not_linked&ref=0123456789abcdef", as: null },
  { name: "account-empty", address: "/account", as: "blank" },
  { name: "organizations-empty", address: "/account/organizations", as: "blank" },
  { name: "home-signed-in", address: "/", as: "haneul" },
  { name: "account", address: "/account", as: "haneul" },
  { name: "account-details", address: "/account", as: "haneul", prepare: openAll },
  {
    name: "account-menu",
    address: "/account",
    as: "haneul",
    prepare: (page) => page.locator('[data-menu="account"] summary').click(),
  },
  { name: "sessions", address: "/account/sessions", as: "haneul" },
  { name: "organizations", address: "/account/organizations", as: "haneul" },
  {
    name: "organizations-changed",
    address: "/account/organizations",
    as: "haneul",
    prepare: async (page) => {
      await page.locator('form[action="/api/account/organizations/use"] button').first().click();
      await page.waitForURL("**/account/organizations?changed=1");
    },
  },
  { name: "connections", address: "/account/connections", as: "haneul" },
  { name: "identities", address: "/account/identities", as: "haneul" },
  { name: "activity", address: "/account/activity", as: "haneul" },
  { name: "data", address: "/account/data", as: "haneul" },
  { name: "inspector", address: "/account/inspector", as: "haneul" },
  { name: "inspector-details", address: "/account/inspector", as: "haneul", prepare: openAll },
  { name: "inspector-tokens", address: "/account/inspector/tokens", as: "haneul" },
  { name: "services-shopping", address: "/services/shopping", as: "haneul" },
  { name: "services-store", address: "/services/store", as: "haneul" },
  { name: "services-notes", address: "/services/notes", as: "haneul" },
  { name: "admin-empty", address: "/admin", as: "haneul", prepare: (page, app) => countNothing(page, app) },
  { name: "admin", address: "/admin", as: "haneul", prepare: countAMonth },
  { name: "admin-users", address: "/admin/users", as: "haneul" },
  { name: "admin-users-none", address: "/admin/users?q=nobody", as: "haneul" },
  {
    name: "admin-user",
    address: "/admin/users",
    as: "haneul",
    prepare: async (page) => {
      await page.locator('main a[href^="/admin/users/"]').first().click();
      await page.waitForURL(/\/admin\/users\/[\da-f-]{36}/);
    },
  },
  { name: "admin-sessions", address: "/admin/sessions", as: "haneul" },
  { name: "admin-audit", address: "/admin/audit", as: "haneul" },
  { name: "admin-providers", address: "/admin/providers", as: "haneul" },
  { name: "admin-doctor", address: "/admin/doctor", as: "haneul" },
  { name: "forbidden", address: "/auth-error?code=forbidden", as: "haneul" },
  { name: "not-found", address: "/nowhere", as: "haneul" },
  { name: "sign-in-already", address: "/sign-in", as: "haneul" },
  { name: "sign-out", address: "/sign-out", as: "haneul" },
  {
    name: "signed-out",
    address: "/sign-out",
    as: "haneul",
    prepare: async (page) => {
      await page.locator('form[data-scope="device"] button').click();
      await page.waitForURL("**/signed-out**");
    },
  },
];
