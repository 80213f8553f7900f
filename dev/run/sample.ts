import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Configuration } from "../../edge/config";
import type { IdentityProviders, IssuerOptions, UserInput } from "../provider/start";
import type { AppService } from "./app-environment";
import { hasSample, root } from "./build";

/** Something of the sample that listens. */
export interface SamplePort {
  id: string;
  /** The variable that moves it, and where it is else. */
  variable: string;
  port: number;
  /** What it is, in words. */
  label: string;
}

interface AppClient {
  appUrl: string;
  client: { clientId: string; clientSecret: string };
  /** By id. */
  ports: Readonly<Record<string, number>>;
}

/** What `sample/index.ts` brings to `npm run demo` and `npm run dev`: the one way from here to there. */
export interface Sample {
  ports: readonly SamplePort[];
  /** Who is at an issuer. */
  users(issuerId: string): UserInput[];
  /** Authorization servers besides those that sign people in. */
  issuers(options: AppClient): IssuerOptions[];
  start(options: AppClient & { providers: IdentityProviders }): Promise<{
    /** What the app has to be told. */
    forApp: AppService[];
    stop(): Promise<void>;
  }>;
  /** What somebody who has started it wants to know. */
  describe(options: Omit<AppClient, "client">): string[];
}

/** The sample, or null where it has been removed. */
export async function loadSample(): Promise<Sample | null> {
  return hasSample ? importDefault<Sample>("sample/index.ts") : null;
}

/** The configuration that the app is run with: the developer's own, or the sample's on top of it. */
export async function loadConfiguration(withSample: boolean): Promise<Configuration> {
  return importDefault<Configuration>(withSample ? "sample/daemun.config.ts" : "daemun.config.ts");
}

// By a path that is not known before: what may be gone is imported by nothing.
async function importDefault<T>(path: string): Promise<T> {
  const file = join(root, path);
  if (!existsSync(file)) throw new Error(`There is no ${path}.`);
  return ((await import(pathToFileURL(file).href)) as { default: T }).default;
}
