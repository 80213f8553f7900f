import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { fetchCreateNextApp } from "./adopting";
import { buildHydra, hasHydraTools } from "./hydra-binary";
import { fetchKeycloak } from "./keycloak-distribution";
import { copyDependencies, hasJavaTools } from "./maven";
import { keep } from "./programs";
import { fetchVercel } from "./vercel";

declare module "vitest" {
  export interface ProvidedContext {
    field: {
      /** Of the run alone: where what is started keeps its data. It is gone when the run ends. */
      folder: string;
      /** What of others' software is here: its folder or program, or null where it cannot be had. */
      tomcat: string | null;
      keycloak: string | null;
      hydra: string | null;
      vercel: string | null;
      createNextApp: string | null;
    };
  }
}

/** Runs once, before the first file: fetches and builds what the tests of this project run, each only as far as it can be. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "daemun-field-"));
  project.provide("field", {
    folder,
    tomcat: await orNull("Tomcat", hasJavaTools, fetchTomcat),
    keycloak: await orNull("Keycloak", hasJavaTools, fetchKeycloak),
    hydra: await orNull("Hydra", hasHydraTools, buildHydra),
    vercel: await orNull("Vercel's command line", () => true, fetchVercel),
    createNextApp: await orNull("create-next-app", () => true, fetchCreateNextApp),
  });
  // Keycloak ends with its worker, and may be about to write its last.
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}

const fetchTomcat = () => keep("tomcat-11.0.27", (folder) => copyDependencies("tomcat", folder));

async function orNull(name: string, canTry: () => boolean, get: () => Promise<string>): Promise<string | null> {
  if (!canTry()) return null;
  try {
    return await get();
  } catch (error) {
    console.warn(
      `${name} cannot be had here, and its tests are skipped: ${error instanceof Error ? error.message : error}`,
    );
    return null;
  }
}
