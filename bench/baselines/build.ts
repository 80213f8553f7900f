import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { exitOf } from "@/dev/process/child";
import { tie } from "@/dev/process/tied";
import { buildAppCopy } from "@/dev/run/app-copy";
import { nextCli, root } from "@/dev/run/build";

export const appNames = ["daemun", "bare", "thin", "next-auth"] as const;
export type AppName = (typeof appNames)[number];

const source = join(root, "bench/baselines");
// What each app has in common with the product, as a developer adds it there.
const added = ["app/hello", "app/gated", "app/api/open", "app/api/plain"];

/**
 * Builds an app for production in a folder of its own, which is removed first.
 *
 * @returns the folder, below `.data/bench`
 * @throws Error with the build's output when it fails
 */
export async function buildApp(name: AppName): Promise<string> {
  const folder = join(root, ".data/bench/app", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (name === "daemun") await buildAppCopy(folder, addToProduct);
  else await buildBaseline(name, folder);
  return folder;
}

/** The product as it ships, with what a developer adds: pages, routes, their gates and one service. */
function addToProduct(folder: string): void {
  for (const path of added) cpSync(join(source, "shared", path), join(folder, path), { recursive: true });
  cpSync(join(source, "daemun/app"), join(folder, "app"), { recursive: true });
  const file = join(folder, "daemun.config.ts");
  const own = readFileSync(file, "utf8");
  const gates = ["/hello", "/api/open", "/api/plain"].map((path) => `    { path: "${path}", access: "public" },\n`);
  const service = `
  resources: [{ indicator: "https://shopping.example/api", scopes: ["shopping:read"] }],
  services: {
    shopping: {
      name: "Shopping",
      authentication: { kind: "resource", resource: "https://shopping.example/api" },
      routes: [{ methods: ["GET"], path: "/orders" }],
    },
  },

  gates: [
${gates.join("")}`;
  if (!own.includes("  gates: [\n")) throw new Error("daemun.config.ts has no gates to add to.");
  writeFileSync(file, own.replace("  gates: [\n", service));
}

async function buildBaseline(name: Exclude<AppName, "daemun">, folder: string): Promise<void> {
  if (name === "next-auth") generatePrismaClient();
  for (const from of ["shared", name]) {
    for (const part of [
      "app",
      ...(from === "shared" ? ["middleware.ts", "instrumentation.ts", "next.config.mjs"] : []),
    ])
      cpSync(join(source, from, part), join(folder, part), { recursive: true });
  }
  const compilerOptions = { jsx: "react-jsx", moduleResolution: "bundler", paths: { "@/*": ["../../../../*"] } };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const child = spawn(process.execPath, [nextCli, "build", folder], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  letGo();
  if (code !== 0) throw new Error(`The build of ${name} failed:\n${output}`);
}

function generatePrismaClient(): void {
  const prisma = createRequire(import.meta.url).resolve("prisma/build/index.js");
  const args = [prisma, "generate", "--schema", "bench/baselines/next-auth/schema.prisma"];
  const env = { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1", CHECKPOINT_DISABLE: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
  if (status !== 0) throw new Error(`prisma generate failed:\n${stdout}${stderr}`);
}
