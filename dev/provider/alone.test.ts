import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The folder of the development provider by itself, as another project would take it along.

const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
const manifest = JSON.parse(read("package.json"));
const project = JSON.parse(read("../../package.json"));
const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("testing"),
);

describe("the folder of the development provider", () => {
  it("imports nothing from outside, and of packages those that its package.json names", () => {
    for (const path of sources) {
      for (const [, specifier = ""] of read(path).matchAll(/\b(?:from|import\() ?"([^"]+)"/g)) {
        const isInside = resolve(import.meta.dirname, dirname(path), specifier).startsWith(import.meta.dirname);
        const name = specifier.split("/")[0] ?? "";
        const isKnown = specifier.startsWith("node:") || name in manifest.dependencies;
        expect(specifier.startsWith(".") ? isInside : isKnown, `${path}: ${specifier}`).toBe(true);
      }
    }
  });

  it("has the versions of the packages, and the own one, that the repository has", () => {
    const here = { ...manifest.dependencies, ...manifest.devDependencies };
    const there = { ...project.dependencies, ...project.devDependencies };
    for (const [name, version] of Object.entries(here)) expect([name, there[name]]).toEqual([name, version]);
    expect([manifest.version, manifest.engines]).toEqual([project.version, project.engines]);
  });
});

// Of our environment, what a process needs to run.
const plain = { PATH: process.env.PATH, NODE_ENV: "development" as const };

describe("a copy of it", () => {
  let folder: string;
  let child: ChildProcess;
  let issuer: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "daemun-provider-"));
    for (const path of [...sources, "package.json"]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(import.meta.dirname, path), join(folder, path));
    }
    // Installed, but for the download.
    mkdirSync(join(folder, "node_modules"));
    for (const name of Object.keys(manifest.dependencies))
      symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
    const shown = /```json\n([\s\S]*?)```/.exec(read("README.md"))?.[1] ?? "";
    const options = JSON.parse(shown.replaceAll(/(?<=[Pp]ort": )\d+/g, "0"));
    writeFileSync(join(folder, "issuers.json"), JSON.stringify(options));
    const tsx = createRequire(join(folder, "package.json")).resolve("tsx");
    child = spawn(process.execPath, ["--import", tsx, "serve.ts", "issuers.json"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...plain },
    });
    issuer = await new Promise<string>((found, failed) => {
      let output = "";
      child.once("exit", () => failed(new Error(`It ended: ${output}`)));
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const address = /^company: (\S+)$/m.exec(output)?.[1];
        if (address && output.includes("control API")) found(address);
      });
    });
  });

  afterAll(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("starts from the file that its README shows, and signs that file's user in", async () => {
    const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    expect(metadata.issuer).toBe(issuer);
    const query = new URLSearchParams({
      client_id: "my-app",
      redirect_uri: "http://localhost:3000/callback",
      response_type: "code",
      scope: "openid",
      state: "a-state-of-the-test",
      nonce: "a-nonce-of-the-test",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    });
    const jar: string[] = [];
    let page = await fetch(`${metadata.authorization_endpoint}?${query}`, { redirect: "manual" });
    for (let hops = 0; page.status >= 300 && page.status < 400 && hops < 5; hops += 1) {
      jar.push(...page.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? ""));
      const next = new URL(page.headers.get("location") ?? "", issuer);
      page = await fetch(next, { redirect: "manual", headers: { cookie: jar.join("; ") } });
    }
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('data-person="minsu"');
  });

  it("does not start in production", async () => {
    const refused = spawn(process.execPath, child.spawnargs.slice(1), {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...plain, NODE_ENV: "production" as const },
    });
    let said = "";
    refused.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const code = await new Promise((ended) => refused.once("close", ended));
    expect([code, said]).toEqual([1, expect.stringContaining("It does not start with NODE_ENV=production.")]);
  });
});
