import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fingerprintOf } from "../../../dev/process/fingerprint";
import { appSources, buildAppCopy } from "../../../dev/run/app-copy";
import { root } from "../../../dev/run/build";
import { alone } from "./alone";
import { type DocumentedFile, inDocument, layOut, readBlocks } from "./documented";

const extension = "e2e/support/extension";
const guide = "docs/extending.md";
// Of the app that it moves over, e2e/integration/field/migrating.test.ts builds what stands there.
const migrating = { guide: "docs/migrating.md", files: /^(?:app|types)\// };
const testConfig = "e2e/support/daemun.config.ts";

// An OAuth service that is no OpenID provider. Where it is in a test, only the test knows.
const classic = `classic: {
      name: "Classic",
      authentication: {
        kind: "client",
        scopes: ["openid", "offline_access", "notes:read"],
        authorizationParameters: { access_type: "offline", prompt: "consent" },
        authorizationEndpoint: process.env.CLASSIC_AUTHORIZE || "https://classic.example/authorize",
        tokenEndpoint: process.env.CLASSIC_TOKEN || "https://classic.example/token",
        revocationEndpoint: process.env.CLASSIC_REVOKE || "https://classic.example/revoke",
        userinfoEndpoint: process.env.CLASSIC_USERINFO || "https://classic.example/user",
      },
      routes: [{ methods: ["GET"], path: "/notes" }],
    },`;

// Services of the next hop: e2e/support/next-hop.ts. Where they are in a test, only the test knows.
const nextHop = `ledger: {
      name: "Ledger",
      authentication: {
        kind: "exchange",
        audience: "ledger",
        scopes: ["ledger:read"],
        ...(process.env.TEST_HOP_ACTOR === "1" && { actor: true }),
        ...(process.env.TEST_HOP_SUBJECT && { subjectResource: process.env.TEST_HOP_SUBJECT }),
      },
      routes: [{ methods: ["GET", "POST"], path: "/entries" }],
    },
    statements: {
      name: "Statements",
      authentication: {
        kind: "assertion",
        audience: "https://statements.example",
        ...(process.env.TEST_HOP_INCLUDE === "1" && { include: ["roles", "organization"], subject: "provider" }),
      },
      routes: [{ methods: ["GET", "POST"], path: "/entries" }],
    },`;

// What a test wants of its provider, it tells the process.
const company = `company: {
      trustRoles: true,
      trustEmail: true,
      acrLevels: ["urn:daemun:acr:1", "urn:daemun:acr:2"],
      recheckSeconds: Number(process.env.RECHECK_SECONDS ?? 900),
      revocation: process.env.REVOCATION === "token" ? "token" : "grant",
      accessTokens: { requireTyp: process.env.REQUIRE_TYP !== "false", introspection: true },
      onRefusedRefresh: process.env.ON_REFUSED_REFRESH === "drop-roles" ? "drop-roles" : "end",
    },`;

/**
 * What a developer has changed in `daemun.config.ts`: pages below `/anywhere` are for anyone, tokens of one API may go to the browser, the partner's roles are its
 * own, there is one more service to connect, API clients may call some routes, pages may frame videos, and the shopping service is told who is asking and has
 * headers of its own.
 */
const changes = [
  [
    "gates: [",
    `roles: ["auditor"],
  // What a test wants of it, it tells the process.
  ...(process.env.TEST_SIGNED_OUT_PATH === "/anywhere" && { signedOutPath: "/anywhere" }),
  gates: [
    { path: "/anywhere/*", access: "public" },`,
  ],
  [
    'indicator: "https://shopping.example/api",',
    // Bound tokens stay here: a test that binds all of a provider's tells the process so.
    'indicator: "https://shopping.example/api", exposeToBrowser: process.env.AUTH_KEYCLOAK_DPOP !== "true",',
  ],
  ['company: { trustRoles: true, trustEmail: true, acrLevels: ["urn:daemun:acr:1", "urn:daemun:acr:2"] },', company],
  // Keycloak's access tokens say the type of any JWT.
  ["keycloak: { trustRoles: true,", "keycloak: { accessTokens: { requireTyp: false }, trustRoles: true,"],
  ["partner: { trustRoles: true,", "partner: { trustRoles: false,"],
  ["gates: [", `gates: [\n    { path: "/api/calls/*", access: "session", bearer: true },`],
  [
    "resources: [",
    `contentSecurityPolicy: { "frame-src": ["https://*.video.example"], reportTo: "/inbox" },\n  resources: [`,
  ],
  ["services: {", `services: {\n    ${classic}\n    ${nextHop}`],
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
 * A production build of the app with the pages in this folder and those of docs/extending.md and docs/migrating.md added, as a
 * developer would add theirs. All test files share it, and so do later runs until something in it changes.
 */
export async function buildExtended(): Promise<{ /** To start it from. */ folder: string }> {
  const own = readdirSync(join(root, extension)).map((name) => `${extension}/${name}`);
  const fingerprint = fingerprintOf(root, [
    ...appSources,
    testConfig,
    "package-lock.json",
    "dev/run/app-copy.ts",
    guide,
    migrating.guide,
    ...own,
  ]);
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
  const blocksOf = (document: string) => readBlocks(readFileSync(join(root, document), "utf8"));
  const config = configure(readFileSync(join(root, testConfig), "utf8"));
  const documented: Record<string, DocumentedFile[]> = {
    [guide]: layOut(blocksOf(guide), config),
    [migrating.guide]: blocksOf(migrating.guide).filter(({ path }) => migrating.files.test(path)),
  };
  try {
    await buildAppCopy(folder, () => {
      cpSync(join(root, extension, "app"), join(folder, "app"), { recursive: true });
      for (const file of Object.values(documented).flat()) write(folder, file);
    });
  } catch (error) {
    const places = Object.entries(documented).flatMap(([document, files]) =>
      inDocument(String(error), files).map((line) => `${document}:${line}`),
    );
    throw places.length > 0 ? new Error(`What ${places.join(", ")} says does not build.`, { cause: error }) : error;
  }
}

function write(folder: string, { path, lines }: DocumentedFile): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  // Over ours, in the end: the configuration is one of these files.
  writeFileSync(target, `${lines.map(({ text }) => text).join("\n")}\n`);
}
