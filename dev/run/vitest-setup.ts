import type { TestProject } from "vitest/node";
import { generateClient } from "../../prisma/generate";
import { startTestServers, type TestServers } from "./test-servers";

declare module "vitest" {
  export interface ProvidedContext {
    servers: TestServers;
  }
}

/** Runs once for a whole Vitest run, before the first file. Tests read what it started with `inject("servers")`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  generateClient();
  const { stop, ...servers } = await startTestServers();
  project.provide("servers", servers);
  return stop;
}
