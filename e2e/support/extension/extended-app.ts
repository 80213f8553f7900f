import type { TestAppOptions } from "../start-app";
import { shareTestApp, type TestApp } from "../test-app";
import { buildExtended } from "./build";
import { extendedResources } from "./resources";

/** An app of the extended build, shared as others are. */
export async function openExtendedApp(env: Record<string, string> = {}): Promise<TestApp> {
  return shareTestApp({ env, ...(await extendedOptions()) });
}

/** What an app of that build is started with. */
export async function extendedOptions(): Promise<TestAppOptions> {
  return { resources: extendedResources, directory: (await buildExtended()).folder };
}
