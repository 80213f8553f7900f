import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv as parseEnvFile } from "node:util";
import { describe, expect, it } from "vitest";
import { clientAddresses } from "@/dev/run/app-environment";
import { readBlocks } from "@/e2e/support/extension/documented";
import { EnvError, parseEnv } from "@/server/settings/env";
import { readProviders } from "@/server/settings/read-providers";
import { appOrigin, providerIds, providerUrls } from "./urls";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  "bench/README.md",
  "e2e/cases.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
];

// Code is no prose: what looks like a link in it is none.
const withoutCode = (text: string) => text.replace(/^\s*```[\s\S]*?^\s*```/gm, "").replace(/`[^`\n]*`/g, "`");

// Taken of the finished pages, so it comes last. Take this line away with it.
const awaited = new Set(["docs/screenshot.png"]);

const linksOf = (path: string) =>
  [...withoutCode(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The page with the table of what `@/auth` has. */
const surfacePage = "docs/reference.md";

const tablesOf = (path: string) =>
  read(path)
    .split("\n")
    .filter((line) => line.startsWith("|"));

/** The fragment that GitHub gives to a heading. */
const slugOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const headingsOf = (path: string) =>
  [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => slugOf(heading));

describe("the documents", () => {
  it.each(documents)("%s links to files and headings that are there", (path) => {
    for (const target of linksOf(path).filter((link) => !awaited.has(link))) {
      const [file = "", fragment] = target.split("#");
      const linked = file === "" ? path : relative(root, join(root, dirname(path), decodeURIComponent(file)));
      expect(existsSync(join(root, linked)), `${path} -> ${target}`).toBe(true);
      if (fragment) expect(headingsOf(linked), `${path} -> ${target}`).toContain(decodeURIComponent(fragment));
    }
  });

  it("show developers imports from auth.ts, components and the configuration alone", () => {
    const guide = read("docs/extending.md");
    expect(guide).toContain('from "@/auth"');
    for (const path of ["README.md", "README.ko.md", "docs/extending.md"]) {
      for (const [, specifier] of read(path).matchAll(/\b(?:from|import\() ?"(@\/[^"]+|\.[^"]+)"/g))
        expect(specifier, path).toMatch(/^@\/(?:auth|daemun\.config|edge\/hooks|ui\/.+)$/);
    }
  });

  it("name everything that auth.ts exports", () => {
    const named = new Set(tablesOf(surfacePage).flatMap((row) => row.match(/(?<=`)[A-Za-z_]+/g) ?? []));
    const lists = [...read("auth.ts").matchAll(/^export (?:type )?\{([^}]+)\} from/gm)].map(([, list = ""]) => list);
    const exported = lists.flatMap((list) => list.split(",").map((name) => name.replace(/^\s*type /, "").trim()));
    expect(exported).toContain("requireSession");
    expect(exported.filter((name) => name !== "" && !named.has(name))).toEqual([]);
  });

  it("name only commands that package.json has", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    // What is gone has a line in the changelog.
    for (const path of documents.filter((path) => path !== "CHANGELOG.md")) {
      // The command that takes the sample away goes with it.
      for (const [, name] of read(path).matchAll(/\bnpm run ([\w:-]+)/g))
        if (name !== "sample:remove" || existsSync(join(root, "sample")))
          expect(scripts, path).toHaveProperty([`${name}`]);
    }
  });

  it("name only test files that are there", () => {
    const named = documents.flatMap((path) => read(path).match(/\b[\w./-]+\.(?:test|spec)\.tsx?\b/g) ?? []);
    const guides = ["docs/testing.md", "docs/tasks.md"];
    const own = guides.flatMap((guide) => readBlocks(read(guide)).map(({ path }) => path));
    for (const path of named.filter((path) => !own.includes(path) && path.includes("/"))) {
      expect(existsSync(join(root, path.replace(/^\.\.\//, ""))), path).toBe(true);
    }
  });

  it("lead a newcomer through fewer than 500 lines in at most six files", () => {
    const walk = /## Ten minutes[\s\S]*?\n## /.exec(read("README.md"))?.[0] ?? "";
    const files = [...walk.matchAll(/^\d\. \[`[^`]+`\]\(([^)]+)\)/gm)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(3);
    expect(files.length).toBeLessThanOrEqual(6);
    const lines = files.map((file) => read(file).split("\n").length - 1);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(500);
  });

  it("date every decision and keep it within forty lines", () => {
    const records = documents.filter((path) => path.startsWith("docs/decisions/"));
    expect(records.length).toBeGreaterThan(0);
    for (const path of records) {
      expect(path).toMatch(/\/\d{4}-[a-z0-9-]+\.md$/);
      expect(read(path), path).toMatch(/^\d{4}-\d{2}-\d{2} · (?:accepted|superseded by .+)$/m);
      expect(read(path).split("\n").length - 1, path).toBeLessThanOrEqual(40);
    }
  });

  it("say of every dependency why it is here, and of no other", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json"));
    const section = /^## Dependencies$[\s\S]*/m.exec(read("docs/reference.md"))?.[0] ?? "";
    const listed = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)].sort());
  });
});

describe("docs/reference.md", () => {
  it("has every event of the audit trail, and no other", () => {
    const union = /export type AuditEventName =([\s\S]*?);/.exec(read("server/audit/audit.ts"))?.[1] ?? "";
    const events = [...union.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
    expect(events.length).toBeGreaterThan(30);
    const section = /^## Audit events$[\s\S]*?(?=^## )/m.exec(read("docs/reference.md"))?.[0] ?? "";
    const listed = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(events.sort());
  });
});

describe(".env.example", () => {
  const text = read(".env.example");
  const names = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name);
  const sources = ["server", "dev", "edge", "sample"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => /\.ts$/.test(path) && !path.endsWith(".test.ts"))
        .map((path) => read(join(folder, path))),
    );
  sources.push(read("next.config.mjs"));
  const environment = read("server/settings/env.ts");
  const settings = read("server/settings/read-providers.ts");
  const suffixes = new Set([...settings.matchAll(/\b(?:read|flag)\("([A-Z_]+)"\)/g)].map(([, suffix = ""]) => suffix));
  const services = read("server/settings/services.ts");
  const serviceSuffixes = new Set([...services.matchAll(/\bread\("([A-Z_]+)"\)/g)].map(([, suffix = ""]) => suffix));
  const providerVariable = /^AUTH_(?:GOOGLE|COMPANY)_([A-Z_]+)$/;
  const serviceVariable = /^SERVICE_NOTES_([A-Z_]+)$/;

  it("names no variable that nobody reads", () => {
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const suffix = providerVariable.exec(name)?.[1];
      const ofService = serviceVariable.exec(name)?.[1];
      const isRead = suffix
        ? suffixes.has(suffix)
        : ofService
          ? serviceSuffixes.has(ofService)
          : /^AUTH_SECRET_\d+$/.test(name) || sources.some((source) => new RegExp(`(?:\\.|")${name}\\b`).test(source));
      expect(isRead, name).toBe(true);
    }
  });

  it("names every variable that the server reads", () => {
    const reads = /\bsource\.([A-Z][A-Z0-9_]*)|\bnumber\("([A-Z][A-Z0-9_]*)"/g;
    const wanted = [...`${environment}\n${settings}`.matchAll(reads)]
      .map(([, direct, numeric]) => direct ?? numeric ?? "")
      .filter((name) => name !== "NODE_ENV");
    expect(wanted).toContain("OUTBOUND_TIMEOUT_MS");
    for (const name of [...wanted, "AUTH_SECRET"]) expect(names).toContain(name);
    expect(suffixes).toContain("ISSUER");
    for (const suffix of suffixes) expect(names).toContain(`AUTH_COMPANY_${suffix}`);
    expect(serviceSuffixes).toContain("ISSUER");
    for (const suffix of serviceSuffixes) expect(names).toContain(`SERVICE_NOTES_${suffix}`);
  });

  it.each([
    ["copied unchanged", text],
    ["with every line switched on and nothing filled in", text.replace(/^#(?=[A-Z][A-Z0-9_]*=)/gm, "")],
  ])("is refused in production %s, with every fault by name", (_, file) => {
    const attempt = () => parseEnv({ ...parseEnvFile(file), NODE_ENV: "production" });
    expect(attempt).toThrow(EnvError);
    for (const name of ["DATABASE_URL", "AUTH_URL", "AUTH_SECRET", "VAULT_KEYS", "AUTH_PROVIDERS"]) {
      expect(attempt).toThrow(`${name} `);
    }
  });
});

describe("npm run urls", () => {
  const company = {
    AUTH_COMPANY_ID: "id",
    AUTH_COMPANY_SECRET: "s".repeat(20),
    AUTH_COMPANY_ISSUER: "https://c.example",
  };
  const twoWords = {
    AUTH_TWO_WORDS_ID: "id",
    AUTH_TWO_WORDS_SECRET: "s".repeat(20),
    AUTH_TWO_WORDS_ISSUER: "https://t.example",
  };

  it.each([
    ["in the order of AUTH_PROVIDERS", { ...company, ...twoWords, AUTH_PROVIDERS: "two-words, company" }],
    ["by their client ids", { ...company, ...twoWords }],
  ])("names the providers as the server does, %s", (_, source) => {
    const faults: string[] = [];
    const served = readProviders(source, { allowHttpLoopback: false }, faults);
    expect(faults).toEqual([]);
    expect(providerIds(source)).toEqual(served.map(({ id }) => id));
  });

  it("names a provider that has no client id yet, and the development ones where there is none", () => {
    expect(providerIds({ AUTH_PROVIDERS: "google" })).toEqual(["google"]);
    expect(providerIds(company, ["google"])).toEqual(["google"]);
    expect(providerIds({})).toEqual(["company", "partner"]);
    expect(() => providerIds({}, ["../x"])).toThrow("no provider id");
  });

  it("gives the addresses that the development provider knows", () => {
    const { redirectUri, postLogoutRedirectUri, ...logout } = providerUrls("http://localhost:3000", "company");
    expect({ redirectUris: [redirectUri], postLogoutRedirectUris: [postLogoutRedirectUri], ...logout }).toEqual(
      clientAddresses("http://localhost:3000", "company"),
    );
  });

  it("takes the origin from AUTH_URL, else from PORT, and refuses what is none", () => {
    expect(appOrigin({ AUTH_URL: "https://app.example" })).toBe("https://app.example");
    expect(appOrigin({ AUTH_URL: "", PORT: "3100" })).toBe("http://localhost:3100");
    expect(() => appOrigin({ AUTH_URL: "https://app.example/path" })).toThrow("AUTH_URL");
  });
});
