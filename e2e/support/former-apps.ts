import type { Adapter } from "@auth/core/adapters";
import { DrizzleAdapter } from "@auth/drizzle-adapter";
import PostgresAdapter from "@auth/pg-adapter";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { drizzle } from "drizzle-orm/node-postgres";
import { getTableConfig, integer, type PgTable, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import pg from "pg";

/** A user as the app of before knew them, with their account at a provider. */
export interface FormerUser {
  name: string;
  email: string;
  isVerified: boolean;
  provider: string;
  subject: string;
  refreshToken?: string;
}

/** A database that another library made and filled, as its documentation says. */
export interface FormerApp {
  address: string;
  /** Ids as that library gave them, in the order of the users. */
  add(users: readonly FormerUser[]): Promise<string[]>;
  close(): Promise<void>;
}

// authjs.dev/getting-started/adapters/pg
const pgAdapterSchema = `
  CREATE TABLE verification_token (identifier TEXT NOT NULL, expires TIMESTAMPTZ NOT NULL, token TEXT NOT NULL,
    PRIMARY KEY (identifier, token));
  CREATE TABLE accounts (id SERIAL, "userId" INTEGER NOT NULL, type VARCHAR(255) NOT NULL, provider VARCHAR(255) NOT NULL,
    "providerAccountId" VARCHAR(255) NOT NULL, refresh_token TEXT, access_token TEXT, expires_at BIGINT, id_token TEXT,
    scope TEXT, session_state TEXT, token_type TEXT, PRIMARY KEY (id));
  CREATE TABLE sessions (id SERIAL, "userId" INTEGER NOT NULL, expires TIMESTAMPTZ NOT NULL, "sessionToken" VARCHAR(255) NOT NULL,
    PRIMARY KEY (id));
  CREATE TABLE users (id SERIAL, name VARCHAR(255), email VARCHAR(255), "emailVerified" TIMESTAMPTZ, image TEXT,
    PRIMARY KEY (id));`;

/** NextAuth with `@auth/pg-adapter`, which writes the rows itself. */
export async function openPgAdapterApp(address: string): Promise<FormerApp> {
  const pool = new pg.Pool({ connectionString: address, max: 2 });
  await pool.query(pgAdapterSchema);
  return { address, add: byAdapter(PostgresAdapter(pool)), close: () => pool.end() };
}

/** Users as NextAuth adds them by an adapter: made, and then linked. */
function byAdapter(adapter: Adapter): FormerApp["add"] {
  return async (users) => {
    const ids: string[] = [];
    for (const { name, email, isVerified, provider, subject, refreshToken } of users) {
      const emailVerified = isVerified ? new Date("2026-01-02T03:04:05Z") : null;
      const id = crypto.randomUUID();
      const user = await adapter.createUser?.({ id, name, email, emailVerified, image: null });
      const userId = String(user?.id);
      await adapter.linkAccount?.({
        userId,
        provider,
        type: "oidc",
        providerAccountId: subject,
        ...(refreshToken && { refresh_token: refreshToken, scope: "notes:read" }),
      });
      ids.push(userId);
    }
    return ids;
  };
}

// authjs.dev/getting-started/adapters/drizzle
const drizzleUsers = pgTable("user", {
  id: text("id").primaryKey(),
  name: text("name"),
  email: text("email").unique(),
  emailVerified: timestamp("emailVerified", { mode: "date" }),
  image: text("image"),
});
const drizzleAccounts = pgTable(
  "account",
  {
    userId: text("userId").notNull(),
    type: text("type").notNull(),
    provider: text("provider").notNull(),
    providerAccountId: text("providerAccountId").notNull(),
    refresh_token: text("refresh_token"),
    access_token: text("access_token"),
    expires_at: integer("expires_at"),
    token_type: text("token_type"),
    scope: text("scope"),
    id_token: text("id_token"),
    session_state: text("session_state"),
  },
  ({ provider, providerAccountId }) => [primaryKey({ columns: [provider, providerAccountId] })],
);

/** The table as Drizzle describes it: its own command would need a package of its own. */
function createStatement(table: PgTable): string {
  const { name, columns, primaryKeys } = getTableConfig(table);
  const parts = [
    ...columns.map(
      (column) =>
        `"${column.name}" ${column.getSQLType()}${column.notNull ? " NOT NULL" : ""}${column.primary ? " PRIMARY KEY" : ""}${column.isUnique ? " UNIQUE" : ""}`,
    ),
    ...primaryKeys.map((key) => `PRIMARY KEY (${key.columns.map((column) => `"${column.name}"`).join(", ")})`),
  ];
  return `CREATE TABLE "${name}" (${parts.join(", ")})`;
}

/** NextAuth with `@auth/drizzle-adapter` and its own tables, which writes the rows itself. */
export async function openDrizzleApp(address: string): Promise<FormerApp> {
  const pool = new pg.Pool({ connectionString: address, max: 2 });
  for (const table of [drizzleUsers, drizzleAccounts]) await pool.query(createStatement(table));
  return { address, add: byAdapter(DrizzleAdapter(drizzle(pool))), close: () => pool.end() };
}

// What Prisma makes of the models of authjs.dev/getting-started/adapters/prisma
const prismaAdapterSchema = `
  CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "name" TEXT, "email" TEXT UNIQUE, "emailVerified" TIMESTAMP(3), "image" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL);
  CREATE TABLE "Account" ("userId" TEXT NOT NULL, "type" TEXT NOT NULL, "provider" TEXT NOT NULL,
    "providerAccountId" TEXT NOT NULL, "refresh_token" TEXT, "access_token" TEXT, "expires_at" INTEGER, "token_type" TEXT,
    "scope" TEXT, "id_token" TEXT, "session_state" TEXT, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL, PRIMARY KEY ("provider", "providerAccountId"));`;

/** NextAuth with `@auth/prisma-adapter`: its tables, filled by hand, since its client would have to be generated. */
export async function openPrismaAdapterApp(address: string): Promise<FormerApp> {
  const pool = new pg.Pool({ connectionString: address, max: 2 });
  await pool.query(prismaAdapterSchema);
  return {
    address,
    async add(users) {
      const ids = users.map((_, at) => `cm3former${String(at).padStart(4, "0")}`);
      for (const [at, { name, email, isVerified, provider, subject }] of users.entries()) {
        await pool.query(
          `INSERT INTO "User" (id, name, email, "emailVerified", "updatedAt") VALUES ($1, $2, $3, $4, now())`,
          [ids[at], name, email, isVerified ? new Date() : null],
        );
        await pool.query(
          `INSERT INTO "Account" ("userId", type, provider, "providerAccountId", "updatedAt") VALUES ($1, 'oidc', $2, $3, now())`,
          [ids[at], provider, subject],
        );
      }
      return ids;
    },
    close: () => pool.end(),
  };
}

/** better-auth, with the tables of its own migration and rows that it wrote. */
export async function openBetterAuthApp(address: string): Promise<FormerApp> {
  const pool = new pg.Pool({ connectionString: address, max: 2 });
  const options = {
    database: pool,
    baseURL: "http://localhost:9",
    secret: "a secret of the former app, for its sessions",
    telemetry: { enabled: false },
  };
  await (await getMigrations(options)).runMigrations();
  const { internalAdapter } = await betterAuth(options).$context;
  return {
    address,
    async add(users) {
      const ids: string[] = [];
      for (const { name, email, isVerified, provider, subject, refreshToken } of users) {
        const user = await internalAdapter.createUser({ name, email, emailVerified: isVerified } as never, {} as never);
        await internalAdapter.linkAccount({
          userId: user.id,
          providerId: provider,
          accountId: subject,
          ...(refreshToken && { refreshToken, scope: "notes:read" }),
        } as never);
        ids.push(user.id);
      }
      return ids;
    },
    close: () => pool.end(),
  };
}
