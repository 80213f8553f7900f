import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { createTestDatabase } from "../../dev/postgres/test-database";
import { findFreePort } from "../../dev/process/ports";
import { firstParty } from "../../dev/provider/client-registration";
import { type RunningApp, startApp } from "../../dev/run/app";
import { clientAddresses, connectAddress } from "../../dev/run/app-environment";
import { makeSecrets } from "../../dev/run/secrets";
import { HttpBrowser } from "./http-browser";
import { clientId, clientSecret, openTestApp, type TestApp } from "./test-app";

export const stableUrl = "https://stable.test";
export const previewUrl = "https://daemun-git-feature-team.preview.test";
/** Named whole, and on the database of the stable address. */
export const secondUrl = "https://second.test";
export const pattern = "https://daemun-git-*-team.preview.test";
/** A host that only fits. */
export const strangersUrl = "https://daemun-git-stranger-team.preview.test";

export interface PreviewApps {
  /** The app at the address that the provider knows. */
  stable: TestApp;
  /** The same app as its second host shows it. */
  second: TestApp;
  /** Another deployment, with a database and secrets of its own. */
  preview: TestApp;
  aliasSecret: string;
  openBrowser(): HttpBrowser;
  close(): Promise<void>;
}

/**
 * A deployment at a stable address and a preview of it, as Vercel would have them: TLS ends in front, and each host leads to
 * its own deployment.
 *
 * @param env what both are told besides
 */
export async function openPreviewApps(env: Record<string, string> = {}): Promise<PreviewApps> {
  const aliasSecret = randomBytes(32).toString("base64url");
  const told = { AUTH_URL: stableUrl, AUTH_SECRET_ALIASES: aliasSecret, ...env };
  const app = await openTestApp({ env: { ...told, AUTH_URL_ALIASES: `${pattern}, ${secondUrl}` } });
  const stable = { ...app, url: stableUrl };
  let instance: RunningApp | undefined;
  let rows: pg.Pool | undefined;
  const close = async () => {
    await instance?.stop();
    await rows?.end();
    await app.close();
  };
  try {
    for (const id of ["company", "partner"])
      await app.control.putClient(id, { clientId, clientSecret, ...firstParty, ...clientAddresses(stableUrl, id) });
    const redirectUris = [connectAddress(stableUrl, "notes")];
    const registration = { clientId, clientSecret, redirectUris, postLogoutRedirectUris: [], skipConsent: true };
    await app.control.putClient("notes", registration);
    const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
    const { authSecret, vaultKeys } = makeSecrets();
    const port = await findFreePort();
    const environment = {
      ...app.environment,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: authSecret,
      VAULT_KEYS: vaultKeys,
      AUTH_URL_ALIASES: pattern,
      VERCEL: "1",
      VERCEL_URL: "daemun-1a2b3c-team.preview.test",
      VERCEL_BRANCH_URL: new URL(previewUrl).host,
    };
    instance = await startApp({ env: environment, port });
    rows = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    const own = { instance, rows };
    const preview: TestApp = {
      ...app,
      url: previewUrl,
      instance,
      environment,
      rows: async <T>(sql: string, values: unknown[] = []) => (await own.rows.query(sql, values)).rows as T[],
    };
    const instances: Record<string, string> = {
      [stableUrl]: app.instance.url,
      [secondUrl]: app.instance.url,
      [strangersUrl]: app.instance.url,
      [previewUrl]: instance.url,
    };
    const openBrowser = () => new HttpBrowser(({ origin }) => instances[origin] ?? null);
    return { stable, second: { ...app, url: secondUrl }, preview, aliasSecret, openBrowser, close };
  } catch (error) {
    await close();
    throw error;
  }
}
