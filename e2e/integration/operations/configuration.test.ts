import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { startApp } from "../../../dev/run/app";
import { nextCli, root } from "../../../dev/run/build";

const good = {
  AUTH_URL: "https://gate.test",
  AUTH_SECRET: randomBytes(32).toString("base64"),
  VAULT_KEYS: `k1:${randomBytes(32).toString("base64")}`,
  DATABASE_URL: "postgresql://u:p-canary@127.0.0.1:1/x",
  AUTH_PROVIDERS: "company",
  AUTH_COMPANY_ID: "daemun",
  AUTH_COMPANY_SECRET: "s-canary-of-the-client",
  AUTH_COMPANY_ISSUER: "https://id.gate.test",
};

/** Starts the app and waits for it to give up. */
async function refusal(env: Record<string, string | undefined>) {
  const port = await findFreePort();
  const app = await startApp({ env: { ...good, ...env }, port, waitUntilReady: false });
  try {
    const code = await Promise.race([
      app.exit,
      new Promise<string>((resolve) => setTimeout(resolve, 20_000, "still running").unref()),
    ]);
    const served = await fetch(`http://localhost:${port}/healthz`).then(
      () => true,
      () => false,
    );
    return { code, output: app.output(), served };
  } finally {
    await app.stop();
  }
}

describe("a wrong environment stops the start", () => {
  it("CF-01: everything missing is named at once, and nothing is served", async () => {
    const missing = Object.fromEntries(Object.keys(good).map((name) => [name, undefined]));
    const { code, output, served } = await refusal({ ...missing, AUTH_URL: "" });
    expect(code).toBe(1);
    expect(served).toBe(false);
    for (const name of ["AUTH_URL", "AUTH_SECRET", "VAULT_KEYS", "DATABASE_URL", "AUTH_PROVIDERS"])
      expect(output).toContain(name);
  });

  it("CF-01: short, example and malformed values are named, never shown", async () => {
    const wrong = {
      AUTH_SECRET: "short-canary",
      AUTH_SECRET_1: "change-me-canary-change-me-canary-change-me",
      VAULT_KEYS: "k1:bm90LTMyLWJ5dGVzLWNhbmFyeQ==",
      DATABASE_URL: "mysql://canary@localhost/x",
      AUTH_URL: "http://canary.test/path",
      AUTH_COMPANY_SECRET: "change-me-canary",
      SESSION_IDLE_SECONDS: "canary",
      RATE_LIMIT_PER_MINUTE: "0",
      AUDIT_RETENTION_DAYS: "0",
      TRUSTED_PROXY_HOPS: "one",
      CLOCK_TOLERANCE_SECONDS: "61",
      ALLOW_HTTP_LOOPBACK: "true",
    };
    const { code, output, served } = await refusal(wrong);
    expect(code).toBe(1);
    expect(served).toBe(false);
    for (const name of Object.keys(wrong)) expect(output).toMatch(new RegExp(`\\b${name}\\b`));
    expect(output).not.toContain("canary");
  });

  it("CF-02: a provider without an issuer, with a bad one, or named twice stops the start", async () => {
    const { code, output } = await refusal({
      AUTH_PROVIDERS: "company,other,company,../x",
      AUTH_COMPANY_ISSUER: "http://id.gate.test",
      AUTH_OTHER_ID: "x",
      AUTH_OTHER_SECRET: "y-canary",
    });
    expect(code).toBe(1);
    expect(output).toMatch(/AUTH_COMPANY_ISSUER/);
    expect(output).toMatch(/AUTH_OTHER_ISSUER/);
    expect(output).toMatch(/AUTH_PROVIDERS names a provider twice/);
    expect(output).not.toContain("canary");
  });

  it("http on loopback is no production address, save for the demo", async () => {
    const { code, output } = await refusal({ AUTH_URL: "http://localhost:3000" });
    expect(code).toBe(1);
    expect(output).toContain("AUTH_URL");
  });

  it("CF-02: with providers that cannot be reached and a database that is not there, every route fails closed", async () => {
    const port = await findFreePort();
    const app = await startApp({ env: good, port });
    try {
      for (const path of ["/account", "/api/me", "/admin", "/nowhere"]) {
        const answered = await fetch(`http://localhost:${port}${path}`, { redirect: "manual" });
        expect([path, answered.status]).toEqual([path, 401]);
      }
      expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(503);
      expect((await fetch(`http://localhost:${port}/sign-in`)).status).toBe(200);
    } finally {
      await app.stop();
    }
  });
});

/** Runs Node in the repository, told only this, until it gives up by itself. */
function giveUp(args: string[], env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const told = { PATH: process.env.PATH, __NEXT_PROCESSED_ENV: "true", NEXT_TELEMETRY_DISABLED: "1", ...env };
    const options = { cwd: root, timeout: 60_000, env: told as unknown as NodeJS.ProcessEnv };
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}

describe("what could never start", () => {
  it("FF-65: is not built, and every fault is named with its place", async () => {
    mkdirSync(join(root, ".data"), { recursive: true });
    const folder = mkdtempSync(join(root, ".data/broken-"));
    writeFileSync(
      join(folder, "daemun.config.ts"),
      `import daemun from "@/daemun.config";
       const session = { ...daemun.session, idleSecond: 5, maxPerUser: "20" };
       export default { ...daemun, session, gate: [] };`,
    );
    try {
      const file = `./${relative(root, join(folder, "daemun.config.ts"))}`;
      const { code, output } = await giveUp([nextCli, "build"], { DAEMUN_CONFIG: file, NODE_ENV: "production" });
      expect(code).toBe(1);
      expect(output).toContain("daemun.config.ts: session.maxPerUser: must be a whole number from 1 to 1000");
      expect(output).toContain("daemun.config.ts: session.idleSecond: is no setting. Did you mean idleSeconds?");
      expect(output).toContain("daemun.config.ts: gate: is no setting. Did you mean gates?");
      expect(output).not.toContain("Creating an optimized");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("FF-66: `npm start` names everything that only the environment shows, and never says that it is ready", async () => {
    const env = {
      ...good,
      AUTH_SECRET: "short-canary",
      AUTH_TENANT_ID: "x",
      AUTH_PROVIDERS: "",
      SESSION_IDLE_SECOND: "9",
    };
    const { code, output } = await giveUp(["-r", "./cli/before-start.cjs", nextCli, "start", "-p", "0"], env);
    expect(code).toBe(1);
    for (const name of [
      "AUTH_SECRET is too short",
      "AUTH_TENANT_ID is no variable",
      "Did you mean SESSION_IDLE_SECONDS?",
    ])
      expect(output).toContain(name);
    expect(output).not.toContain("Ready");
    expect(output).not.toContain("canary");
  });
});
