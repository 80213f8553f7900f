import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nextCli, root } from "../../../dev/build";
import { exitOf } from "../../../dev/child";
import { fingerprintOf } from "../../../dev/fingerprint";
import { tie } from "../../../dev/tied";
import { alone } from "./alone";

const ours =
  "app edge server ui messages public prisma/generated middleware.ts instrumentation.ts daemun.config.ts next.config.mjs postcss.config.mjs tsconfig.json tsconfig.build.json package.json".split(
    " ",
  );

// An OAuth service that is no OpenID provider. Where it is in a test, only the test knows.
const classic = `classic: {
      name: "Classic",
      authentication: {
        kind: "client",
        scopes: ["openid", "offline_access", "notes:read"],
        authorizationParameters: { access_type: "offline" },
        authorizationEndpoint: process.env.CLASSIC_AUTHORIZE || "https://classic.example/authorize",
        tokenEndpoint: process.env.CLASSIC_TOKEN || "https://classic.example/token",
        revocationEndpoint: process.env.CLASSIC_REVOKE || "https://classic.example/revoke",
      },
      routes: [{ methods: ["GET"], path: "/notes" }],
    },`;

/**
 * What a developer has changed in `daemun.config.ts`: tokens of one API may go to the browser, the partner's roles are its
 * own, there is one more service to connect, and the shopping service is told who is asking and has headers of its own.
 */
const changes = [
  ['indicator: "https://shopping.example/api",', 'indicator: "https://shopping.example/api", exposeToBrowser: true,'],
  ["providers: {", "providers: { partner: { trustRoles: false },"],
  ["services: {", `services: { ${classic}`],
  [
    'name: "Shopping",',
    `name: "Shopping", forwardUser: true, timeoutMs: 1500,
      requestHeaders: ["x-trace"],
      responseHeaders: ["x-total"],`,
  ],
] as const;

function configure(text: string): string {
  return changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`daemun.config.ts has no ${from}`);
    return changed.replace(from, to);
  }, text);
}

const folders = join(root, ".data");

/**
 * A production build of the house with the pages in this folder added, as a developer would add theirs. All test files
 * share it, and so do later runs until something in it changes.
 */
export async function buildExtended(): Promise<{ /** To start it from. */ folder: string }> {
  const extension = "e2e/integration/extension";
  const fingerprint = fingerprintOf(root, [...ours, "package-lock.json", `${extension}/app`, `${extension}/build.ts`]);
  const folder = join(folders, `extended-${fingerprint.slice(0, 16)}`);
  const stamp = join(folder, "complete");
  // Below the repository, so that the build finds its packages; in a folder that git does not look into.
  mkdirSync(folders, { recursive: true });
  await alone(join(folders, "extended.lock"), async () => {
    if (existsSync(stamp)) return;
    for (const old of readdirSync(folders)) {
      if (/^extended-/.test(old)) rmSync(join(folders, old), { recursive: true, force: true });
    }
    await build(folder);
    writeFileSync(stamp, fingerprint);
  });
  return { folder };
}

async function build(folder: string): Promise<void> {
  const configuration = configure(readFileSync(join(root, "daemun.config.ts"), "utf8"));
  for (const name of ours) cpSync(join(root, name), join(folder, name), { recursive: true });
  cpSync(join(root, "e2e/integration/extension/app"), join(folder, "app"), { recursive: true });
  writeFileSync(join(folder, "daemun.config.ts"), configuration);
  const child = spawn(process.execPath, [nextCli, "build"], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const letGo = tie(child, "SIGTERM", { group: true });
  const code = await exitOf(child);
  letGo();
  if (code !== 0) throw new Error(`next build failed:\n${output}`);
}
