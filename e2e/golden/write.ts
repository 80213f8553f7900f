import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../../dev/postgres/postgres";
import { createTemplate } from "../../dev/postgres/test-database";
import { findFreePort } from "../../dev/process/ports";
import { root } from "../../dev/run/build";
import { sessionCookie } from "../support/cookies";
import { extendedOptions } from "../support/extension/extended-app";
import { HttpBrowser } from "../support/http-browser";
import { startTestApp } from "../support/start-app";
import { signedIn, startSignIn } from "../support/test-app";
import { probe, shopping } from "../support/token-app";
import { folderOf, type Golden, issuerMark, presentMigrations, releasedVersions } from "./golden";

// `npx tsx e2e/golden/write.ts`, before a release is tagged: leaves what the version in package.json seals and writes under
// e2e/golden/<version>, for every later version's tests.
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
if (releasedVersions().includes(version)) {
  console.error(`${version} is released: its golden files stay as they are. Raise the version in package.json.`);
  process.exit(2);
}

const user = "minsu";
const postgresFolder = mkdtempSync(join(tmpdir(), "daemun-golden-"));
// PostgreSQL's own user has to walk through it.
chmodSync(postgresFolder, 0o755);
const server = { dataDir: join(postgresFolder, "postgres"), port: await findFreePort(), durable: false };
const postgres = await startPostgres(server);
try {
  await createTemplate(postgres.url);
  const keys = {
    authSecret: randomBytes(32).toString("base64url"),
    vaultKeys: `golden:${randomBytes(32).toString("base64")}`,
  };
  const app = await startTestApp({
    ...(await extendedOptions()),
    postgresUrl: postgres.url,
    env: { AUTH_SECRET: keys.authSecret, VAULT_KEYS: keys.vaultKeys },
  });
  try {
    const browser = await signedIn(app, { user });
    const [token] = (await probe(app.url, browser, { resource: shopping })).tokens;
    const leaving = new HttpBrowser();
    const sentOff = await startSignIn(app, leaving, { returnTo: "/account?tab=golden" });
    const transaction = leaving.cookieNames(app.url).find((name) => name.startsWith("daemun.tx.")) ?? "";
    const golden: Golden = {
      writtenAt: new Date().toISOString(),
      ...keys,
      user,
      sessionCookie: browser.cookie(app.url, sessionCookie(app.url)) ?? "",
      transactionCookie: leaving.cookie(app.url, transaction) ?? "",
      authorization: new URL(sentOff.location ?? "").searchParams.toString(),
      tokenHash: token?.sha256 ?? "",
    };
    const tables = await app.rows<{ name: string }>(
      // Rows of a partition are the whole table's.
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition AND relname <> '_prisma_migrations' ORDER BY 1`,
    );
    const statements: string[] = [];
    for (const { name } of tables) {
      for (const { row } of await app.rows<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`))
        statements.push(
          `INSERT INTO "${name}" SELECT * FROM jsonb_populate_record(NULL::"${name}", $row$${row}$row$);\n`,
        );
    }
    const folder = folderOf(version);
    mkdirSync(folder, { recursive: true });
    const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
    writeFileSync(join(folder, "browser.json"), json(golden));
    writeFileSync(join(folder, "migrations.json"), json(presentMigrations()));
    writeFileSync(join(folder, "rows.sql"), statements.join("").replaceAll(app.issuers.company ?? "", issuerMark));
    console.log(`Written: ${folder}, ${statements.length} rows.`);
  } finally {
    await app.close();
  }
} finally {
  await postgres.stop();
  rmSync(postgresFolder, { recursive: true, force: true });
}
