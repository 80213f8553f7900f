import { existsSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../../dev/postgres/test-database";
import { findFreePort } from "../../../dev/process/ports";
import { firstParty } from "../../../dev/provider/client-registration";
import { startIdentityProviders } from "../../../dev/provider/start";
import { startApp } from "../../../dev/run/app";
import { appEnvironment, clientAddresses } from "../../../dev/run/app-environment";
import { root } from "../../../dev/run/build";
import { makeSecrets } from "../../../dev/run/secrets";
import {
  adopt,
  buildHost,
  commit,
  edit,
  git,
  install,
  makeHost,
  makeLaterVersion,
  movePackages,
  writeFiles,
} from "../../support/field/adopting";
import { run } from "../../support/field/programs";
import { HttpBrowser } from "../../support/http-browser";
import { signedIn, type TestApp } from "../../support/test-app";

// Daemun in apps that were there: what create-next-app makes, and that with NextAuth as its documentation has it.

const { createNextApp, folder } = inject("field");
const minutes = 60_000;

const plain = join(folder, "plain");

const read = (host: string, path: string) => readFileSync(join(host, path), "utf8");

/** Adds up what a developer waits for, installing not counted. Nothing is asserted of it: machines differ. */
function makeStopwatch() {
  let spent = 0;
  return {
    async time<T>(work: () => T | Promise<T>): Promise<T> {
      const start = performance.now();
      try {
        return await work();
      } finally {
        spent += performance.now() - start;
      }
    },
    say: (host: string) =>
      console.log(
        `${host}: ${(spent / minutes).toFixed(1)} minutes for adopting, building and signing in, installing not counted.`,
      ),
  };
}

/** Starts a host with a provider and a database of its own, and ends both after `work`. */
async function whileRunning(host: string, work: (app: TestApp) => Promise<void>): Promise<void> {
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const client = { clientId: "adopted", clientSecret: "a-client-of-the-tests" };
  const providers = await startIdentityProviders({
    issuers: [{ id: "company", port: 0, clients: [{ ...client, ...firstParty, ...clientAddresses(url, "company") }] }],
    controlPort: 0,
  });
  const env = appEnvironment({
    port,
    databaseUrl: await createTestDatabase(inject("servers").postgresUrl),
    secrets: makeSecrets(),
    providers: [{ id: "company", name: "Company", issuer: providers.issuers.company?.issuer ?? "", ...client }],
  });
  const app = await startApp({ port, env, directory: host, next: join(host, "node_modules/next/dist/bin/next") });
  try {
    await work({ url } as TestApp);
  } finally {
    await app.stop();
    await providers.stop();
  }
}

describe.skipIf(!createNextApp)("an app that create-next-app made, with src/", () => {
  const host = plain;
  const stopwatch = makeStopwatch();

  beforeAll(() => makeHost(createNextApp ?? "", host, { src: true }));

  it("is told what would be done, and nothing is written", () => {
    const { code, said } = adopt(root, host);
    expect(said).toContain("Nothing was written");
    expect([code, git(host, "status", "--porcelain")]).toEqual([1, ""]);
  });

  it("is not touched while it has changes that are not committed", () => {
    writeFiles(host, { "note.txt": "not committed" });
    expect(adopt(root, host, "--write")).toEqual({ code: 1, said: expect.stringContaining("not committed") });
    rmSync(join(host, "note.txt"));
    expect(git(host, "status", "--porcelain")).toBe("");
  });

  it("gets all that it needs, and its own files stay or say what was added", async () => {
    const { code, said } = await stopwatch.time(() => adopt(root, host, "--write", "--replace", "packages"));
    expect([code, said]).toEqual([0, expect.stringContaining("Written.")]);
    const changed = git(host, "diff", "--name-only", "HEAD").trim().split("\n");
    expect(changed.sort()).toEqual(
      [
        ".gitignore",
        "next.config.ts",
        "package.json",
        "src/app/globals.css",
        "src/app/layout.tsx",
        "tsconfig.json",
      ].sort(),
    );
    const record = JSON.parse(read(host, ".daemun/adopted.json"));
    expect(record.version).toBe(JSON.parse(read(root, "package.json")).version);
    expect(record.files["src/middleware.ts"]).toMatch(/^[0-9a-f]{40}$/);
    commit(host, "Daemun");
    expect(adopt(root, host)).toEqual({ code: 0, said: expect.stringContaining("Nothing to do.") });
  });

  it("has every package in its package.json that the new files import", () => {
    const manifest = JSON.parse(read(host, "package.json"));
    const known = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]);
    const files = Object.keys(JSON.parse(read(host, ".daemun/adopted.json")).files).filter((path) =>
      /\.(?:tsx?|mjs)$/.test(path),
    );
    const imported = files.flatMap((path) =>
      [...read(host, path).matchAll(/^import\b[^;]*? from "([^"]+)"|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm)].map(
        ([, a, b, c]) => a ?? b ?? c ?? "",
      ),
    );
    const packages = imported
      .filter((name) => !/^(?:\.|@\/|node:)/.test(name) && !builtinModules.includes(name))
      .map((name) =>
        name
          .split("/")
          .slice(0, name.startsWith("@") ? 2 : 1)
          .join("/"),
      );
    expect(packages.length).toBeGreaterThan(100);
    expect([...new Set(packages)].filter((name) => !known.has(name))).toEqual([]);
  });

  it("builds, and a user signs in: its home page is its own still", { timeout: 20 * minutes }, async () => {
    await install(host);
    await stopwatch.time(() => buildHost(host, folder));
    await whileRunning(host, async (app) => {
      const stranger = new HttpBrowser();
      const home = await stranger.request(`${app.url}/`);
      expect([home.status, home.body.includes("To get started")]).toEqual([200, true]);
      expect((await stranger.request(`${app.url}/account`)).status).toBe(307);
      const browser = await stopwatch.time(() => signedIn(app, { user: "minsu" }));
      const account = await browser.request(`${app.url}/account`);
      expect([account.status, account.body.includes("이민수")]).toEqual([200, true]);
    });
    stopwatch.say("A new app");
  });

  it("is brought up to date over changes of its developer's", { timeout: 5 * minutes }, async () => {
    edit(host, "ui/site-footer.tsx", (text) => `// Of this company.\n${text}`);
    edit(host, "daemun.config.ts", (text) => text.replace("idleSeconds: 30 * 60", "idleSeconds: 10 * 60"));
    edit(host, "edge/return-path.ts", (text) => `${text}\n// A remark of the developer's.\n`);
    commit(host, "Changes of our own");
    const later = join(folder, "later");
    makeLaterVersion(later, (version) => {
      edit(version, "package.json", (text) => text.replace(/"version": "[^"]+"/, '"version": "99.0.0"'));
      edit(version, "ui/site-footer.tsx", (text) => `${text}\n// A line of the later version.\n`);
      edit(version, "ui/theme.css", (text) => `${text}\n/* Of the later version. */\n`);
      edit(version, "daemun.config.ts", (text) => text.replace("idleSeconds: 30 * 60", "idleSeconds: 20 * 60"));
      writeFiles(version, { "ui/later.ts": "export const later = true;\n" });
      rmSync(join(version, "messages/last-resort.json"));
    });
    const { code, said } = adopt(later, host, "--write");
    expect(code).toBe(1);
    expect(said).toContain("daemun.config.ts: you and this version have changed the same lines.");
    expect(read(host, "ui/site-footer.tsx")).toMatch(
      /^\/\/ Of this company\.\n[\s\S]*\/\/ A line of the later version\.\n$/,
    );
    expect(read(host, "ui/theme.css")).toContain("Of the later version.");
    expect(read(host, "daemun.config.ts")).toContain("idleSeconds: 10 * 60");
    expect(read(host, "edge/return-path.ts")).toContain("A remark of the developer's.");
    expect(existsSync(join(host, "ui/later.ts"))).toBe(true);
    expect(existsSync(join(host, "messages/last-resort.json"))).toBe(false);
    expect(JSON.parse(read(host, ".daemun/adopted.json")).version).toBe("99.0.0");
    commit(host, "Brought up to date");
    // What was left is named until it is done, and nothing else is.
    const again = adopt(later, host);
    expect([again.code, again.said]).toEqual([1, expect.stringContaining("daemun.config.ts: you and this version")]);
    expect(again.said).toContain("Nothing to do.");
    await run(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit"], { cwd: host, timeoutMs: 4 * minutes });
  });
});

// The shape of NextAuth's own documentation, beside what create-next-app made.
const nextAuthFiles = {
  "auth.ts": `import NextAuth from "next-auth";
import Google from "next-auth/providers/google";

export const { handlers, signIn, signOut, auth } = NextAuth({ providers: [Google] });
`,
  "app/api/auth/[...nextauth]/route.ts": `import { handlers } from "@/auth";

export const { GET, POST } = handlers;
`,
  "middleware.ts": `export { auth as middleware } from "@/auth";
`,
  "app/dashboard/page.tsx": `import { auth } from "@/auth";

export default async function Dashboard() {
  const session = await auth();
  return <p>Signed in as {session?.user?.name}</p>;
}
`,
};

describe.skipIf(!createNextApp)("a small app with NextAuth", () => {
  const host = join(folder, "nextauth");
  const stopwatch = makeStopwatch();

  beforeAll(async () => {
    await makeHost(createNextApp ?? "", host, { src: false, files: nextAuthFiles });
    edit(host, "package.json", (text) => text.replace('"next":', '"next-auth": "5.0.0-beta.30",\n    "next":'));
    commit(host, "NextAuth");
  });

  it("is told which of its files would be in the way, and none is overwritten unasked", () => {
    const { code, said } = adopt(root, host, "--write");
    expect(code).toBe(1);
    expect(said).toContain("auth.ts is there already.");
    expect(said).toContain("app/api/auth/[...nextauth]/route.ts answers /api/auth/[...]");
    expect(said).toContain("middleware.ts is yours");
    expect(said).toContain("next-auth 5.0.0-beta.30");
    expect(git(host, "status", "--porcelain")).toBe("");
  });

  it("builds once it was said what may go, and its page names who signed in", { timeout: 20 * minutes }, async () => {
    const replaced = ["auth.ts", "middleware.ts", "app/api/auth/[...nextauth]/route.ts", "packages"];
    const options = replaced.flatMap((name) => ["--replace", name]);
    const { code } = await stopwatch.time(() => adopt(root, host, "--write", ...options));
    expect(code).toBe(0);
    expect(existsSync(join(host, "app/api/auth/[...nextauth]/route.ts"))).toBe(false);
    // What the developer changes: a page asks for the session by our call.
    writeFiles(host, {
      "app/dashboard/page.tsx": `import { requireSession } from "@/auth";

export default async function Dashboard() {
  const session = await requireSession({ returnTo: "/dashboard" });
  return <p>Signed in as {session.user.name}</p>;
}
`,
    });
    movePackages(plain, host);
    await install(host);
    await stopwatch.time(() => buildHost(host, folder));
    await whileRunning(host, async (app) => {
      const browser = await stopwatch.time(() => signedIn(app, { user: "minsu", returnTo: "/dashboard" }));
      const page = await browser.request(`${app.url}/dashboard`);
      expect([page.status, page.body.includes("이민수")]).toEqual([200, true]);
    });
    stopwatch.say("An app with NextAuth");
  });
});
