import { resourcesOf } from "../../../dev/resource-servers/start";
import { testServices } from "../service-names";
import type { TestAppOptions } from "../start-app";
import { shareTestApp, type TestApp } from "../test-app";
import { buildExtended } from "./build";

/** The API that docs/extending.md adds, and its scopes. */
export const reportsResource = "https://reports.example/api";
const resources = { ...resourcesOf(testServices), [reportsResource]: ["reports:read"] };

/** An app of the extended build, shared as others are. */
export async function openExtendedApp(env: Record<string, string> = {}): Promise<TestApp> {
  return shareTestApp({ env, ...(await extendedOptions()) });
}

/** What an app of that build is started with. */
export async function extendedOptions(): Promise<TestAppOptions> {
  return { resources, directory: (await buildExtended()).folder };
}
