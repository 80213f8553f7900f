import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createDatabase } from "../../../dev/postgres/postgres";
import { root } from "../../../dev/run/build";
import { userIdIn } from "../../support/accounts";
import {
  type FormerApp,
  type FormerUser,
  openBetterAuthApp,
  openDrizzleApp,
  openPgAdapterApp,
  openPrismaAdapterApp,
} from "../../support/former-apps";
import { HttpBrowser } from "../../support/http-browser";
import { shareTestApp, signedIn, signIn, type TestApp } from "../../support/test-app";

// Each starts a process that compiles on the way.
const commandMs = 180_000;

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
const opened: FormerApp[] = [];
beforeEach(() => app.rows(`TRUNCATE "User", "AuditEvent" CASCADE`));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((former) => former.close()));
});
afterAll(() => app?.close());

async function former(open: (address: string) => Promise<FormerApp>): Promise<FormerApp> {
  const name = `former_${randomUUID().replaceAll("-", "")}`;
  const one = await open(await createDatabase(inject("servers").postgresUrl, name));
  opened.push(one);
  return one;
}

interface Run {
  code: number;
  err: string;
  out: string;
  report: Record<string, unknown>;
}

/** Runs the command, whatever its exit code. */
async function importFrom({ address }: FormerApp, ...args: string[]): Promise<Run> {
  const options = {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...app.environment, NODE_ENV: "production" as const },
  };
  try {
    const words = ["run", "--silent", "import:authjs", "--", address, "--json", ...args];
    const { stdout, stderr } = await promisify(execFile)("npm", words, options);
    return { code: 0, out: stdout, err: stderr, report: JSON.parse(stdout) };
  } catch (error) {
    const { code, stderr = "", stdout = "" } = error as { code: number; stderr?: string; stdout?: string };
    return { code, out: stdout, err: stderr, report: {} };
  }
}

const minsu: FormerUser = {
  name: "Minsu of before",
  email: "Minsu@company.example",
  isVerified: true,
  provider: "old-company",
  subject: "minsu",
  refreshToken: "a-refresh-token-of-before",
};
const eunji: FormerUser = { ...minsu, name: "Eunji", email: "eunji@else.example", isVerified: false, subject: "eunji" };
const stranger: FormerUser = { ...minsu, email: "nobody@else.example", provider: "github", subject: "12" };
const mapping = ["--provider", "old-company=company"];

const usersHere = () =>
  app.rows(
    `SELECT u.id, u.name, u.email, a.provider, a."providerAccountId" AS subject, a.issuer FROM "User" u
     JOIN "Account" a ON a."userId" = u.id ORDER BY a."providerAccountId"`,
  );

describe.each([
  ["NextAuth with @auth/pg-adapter", openPgAdapterApp],
  ["NextAuth with @auth/prisma-adapter", openPrismaAdapterApp],
  ["NextAuth with @auth/drizzle-adapter", openDrizzleApp],
  ["better-auth", openBetterAuthApp],
])("%s", (_, open) => {
  it(
    "is imported: nobody signs up again, and whoever signs in finds themselves",
    async () => {
      const before = await former(open);
      await before.add([minsu, eunji, stranger]);

      const dry = await importFrom(before, ...mapping);
      const facts = { users: 3, imported: 2, known: 0, leftOut: 1, accounts: 2, connections: 0 };
      expect(dry).toMatchObject({
        code: 0,
        report: { written: false, ...facts, accountsLeft: { "github not_mapped": 1 }, collisions: [] },
      });
      expect(await usersHere()).toEqual([]);

      expect(await importFrom(before, ...mapping, "--write")).toMatchObject({ report: { written: true, ...facts } });
      const here = await usersHere();
      expect(here).toMatchObject([
        { name: "Eunji", email: null, provider: "company", subject: "eunji", issuer: app.issuers.company },
        { name: "Minsu of before", provider: "company", subject: "minsu", issuer: app.issuers.company },
      ]);
      expect(await app.rows(`SELECT 1 FROM "Grant"`)).toEqual([]);

      const browser = await signedIn(app, { user: "minsu" });
      expect(await userIdIn(app, browser)).toBe(here[1]?.id);
      expect(await app.rows(`SELECT 1 FROM "User"`)).toHaveLength(2);

      expect(await importFrom(before, ...mapping, "--write")).toMatchObject({
        report: { imported: 0, completed: 0, known: 2, leftOut: 1 },
      });
      expect(await app.rows(`SELECT detail FROM "AuditEvent" WHERE event = 'admin.action'`)).toHaveLength(2);
    },
    commandMs,
  );
});

describe("what is not taken over", () => {
  it(
    "is the account of whoever is here already, and the address that is somebody's here; both are told",
    async () => {
      const browser = await signedIn(app, { user: "minsu" });
      const id = await userIdIn(app, browser);
      await app.rows(`UPDATE "User" SET email = 'eunji@else.example' WHERE id = $1`, [id]);
      const before = await former(openPgAdapterApp);
      const [taken, addressless] = await before.add([minsu, { ...eunji, isVerified: true }]);
      const env = app.environment;
      // With one provider alone its addresses count.
      app.environment = { ...env, AUTH_PROVIDERS: "company" };
      const { report } = await importFrom(before, ...mapping, "--write");
      app.environment = env;
      expect(report).toMatchObject({
        imported: 1,
        collisions: [
          { id: taken, reason: "identity_taken" },
          { id: addressless, reason: "address_taken" },
        ],
      });
      expect(await app.rows(`SELECT id, email FROM "User" WHERE id <> $1`, [id])).toMatchObject([{ email: null }]);
      expect(await app.rows(`SELECT name FROM "User" WHERE id = $1`, [id])).not.toEqual([{ name: "Minsu of before" }]);
    },
    commandMs,
  );

  it(
    "is anything of a database that has no such tables, or of a provider that this app has not",
    async () => {
      const nothing = await former(async (address) => ({ address, add: async () => [], close: async () => {} }));
      expect(await importFrom(nothing)).toMatchObject({ code: 1, err: expect.stringContaining("none of the tables") });
      expect(await importFrom(nothing, "--provider", "a=nobody")).toMatchObject({
        code: 1,
        err: expect.stringContaining("this app has no provider nobody"),
      });
      // This app's own database is none of another's.
      expect(await importFrom({ ...nothing, address: app.environment.DATABASE_URL ?? "" })).toMatchObject({ code: 1 });
    },
    commandMs,
  );
});

it(
  "an import that stopped half way is gone on with, and one that knows more providers completes it",
  async () => {
    const before = await former(openPgAdapterApp);
    const crowd = Array.from({ length: 450 }, (_, at) => ({
      ...eunji,
      email: `c${at}@x.example`,
      subject: `crowd-${at}`,
    }));
    await before.add([minsu, ...crowd]);
    await importFrom(before, ...mapping, "--write");
    // As if it had been killed after the first batches, and in the middle of nobody.
    await app.rows(`DELETE FROM "User" WHERE id IN (SELECT id FROM "User" ORDER BY "createdAt" DESC LIMIT 200)`);
    expect(await importFrom(before, ...mapping, "--write")).toMatchObject({ report: { imported: 200, known: 251 } });
    expect(await app.rows(`SELECT 1 FROM "Account"`)).toHaveLength(451);
  },
  commandMs,
);

it(
  "two imports at the same time bring each user once",
  async () => {
    const before = await former(openPgAdapterApp);
    await before.add(
      Array.from({ length: 40 }, (_, at) => ({ ...eunji, email: `d${at}@x.example`, subject: `twin-${at}` })),
    );
    const runs = await Promise.all([
      importFrom(before, ...mapping, "--write"),
      importFrom(before, ...mapping, "--write"),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(await app.rows(`SELECT 1 FROM "User"`)).toHaveLength(40);
    expect(await app.rows(`SELECT 1 FROM "Account"`)).toHaveLength(40);
    await signIn(app, new HttpBrowser());
  },
  commandMs,
);
