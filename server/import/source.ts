import "server-only";
import pg from "pg";
import { readDatabaseAddress } from "@/prisma/database-address";

/** A user of another app's database, with the accounts that it has of them. Nothing of it is trusted yet. */
export interface SourceUser {
  /** As text, whatever it is there. */
  id: string;
  name: string | null;
  email: string | null;
  /** When it was verified, as far as that is said; null for an address that is not. */
  emailVerified: Date | null;
  image: string | null;
  createdAt: Date | null;
  isBanned: boolean;
  accounts: SourceAccount[];
}

export interface SourceAccount {
  /** The provider's id there. */
  provider: string;
  /** The provider's name of the user. */
  subject: string;
  accessToken: string | null;
  accessTokenExpiresAt: Date | null;
  refreshToken: string | null;
  idToken: string | null;
  scope: string | null;
}

/** What is wrong with the database that was named. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

/** A database that users are copied from: of NextAuth by any of its adapters for PostgreSQL, or of better-auth. It is only read. */
export interface Source {
  tables: { user: string; account: string };
  /** Up to `most` users behind the one of that id, in the order of their ids. */
  usersAfter(id: string | null, most: number): Promise<SourceUser[]>;
  close(): Promise<void>;
}

// Names that Prisma's, pg's, Drizzle's and better-auth's schemas have, the likeliest first.
const userTables = ["User", "users", "user"];
const accountTables = ["Account", "accounts", "account"];

const userColumns = {
  id: ["id"],
  name: ["name"],
  email: ["email"],
  emailVerified: ["emailVerified", "email_verified"],
  image: ["image"],
  createdAt: ["createdAt", "created_at"],
  banned: ["banned"],
  banExpires: ["banExpires", "ban_expires"],
} as const;

const accountColumns = {
  userId: ["userId", "user_id"],
  provider: ["provider", "providerId", "provider_id"],
  subject: ["providerAccountId", "provider_account_id", "accountId", "account_id"],
  accessToken: ["access_token", "accessToken"],
  refreshToken: ["refresh_token", "refreshToken"],
  idToken: ["id_token", "idToken"],
  scope: ["scope"],
  expires: ["expires_at", "accessTokenExpiresAt", "access_token_expires_at"],
} as const;

// Columns of this app's own tables, which stand in the same database where an app moves within it.
const ownColumns = ["deletionDueAt", "lastSignInAt"];

// `timestamp`, which says no zone: Prisma and Drizzle write UTC into it, and `pg` would read it as this machine's time.
const timestampOid = 1114;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === timestampOid && format !== "binary"
      ? (text: string) => new Date(`${text.replace(" ", "T")}Z`)
      : pg.types.getTypeParser(oid, format),
};

const limits = { connectionTimeoutMillis: 10_000, query_timeout: 60_000, max: 1 };

/**
 * Opens the database that users are copied from.
 *
 * @param tables the names of its tables, where they are not those of the adapters
 * @throws ImportError where it has no such tables
 */
export async function openSource(address: string, tables: { user: string; account: string } | null): Promise<Source> {
  const { connectionString, schema } = readDatabaseAddress(address, "The address");
  const pool = new pg.Pool({ ...limits, types, connectionString });
  pool.on("error", () => {});
  try {
    const columns = await columnsOf(pool, schema ?? "public");
    const user = tables?.user ?? named(columns, userTables, userColumns.email);
    const account = tables?.account ?? named(columns, accountTables, accountColumns.subject);
    const from = (table: string) => `${quoted(schema ?? "public")}.${quoted(table)}`;
    const ofUser = pick(columns, user, userColumns, ["id", "email"]);
    const ofAccount = pick(columns, account, accountColumns, ["userId", "provider", "subject"]);
    const userId = columnIn(columns, account, accountColumns.userId) ?? "";
    // Its own, and not text, so that its index serves.
    const userIdType = columns.get(account)?.get(userId) ?? "text";
    return {
      tables: { user, account },
      async usersAfter(id, most) {
        const where = id === null ? "" : "WHERE id > $2";
        const { rows } = await pool.query<Record<string, unknown>>(
          `SELECT ${ofUser} FROM ${from(user)} ${where} ORDER BY id LIMIT $1`,
          id === null ? [most] : [most, id],
        );
        const ids = rows.map((row) => row.id);
        const { rows: accounts } = await pool.query<Record<string, unknown>>(
          `SELECT ${ofAccount} FROM ${from(account)} WHERE ${quoted(userId)} = ANY($1::${userIdType}[])`,
          [ids.map(String)],
        );
        const byUser = new Map<string, Record<string, unknown>[]>(ids.map((id) => [String(id), []]));
        for (const row of accounts) byUser.get(String(row.userId))?.push(row);
        return rows.map((row) => readUser(row, byUser.get(String(row.id)) ?? []));
      },
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** The columns of each table, with their types as SQL names them. */
type Columns = ReadonlyMap<string, ReadonlyMap<string, string>>;

async function columnsOf(pool: pg.Pool, schema: string): Promise<Columns> {
  const { rows } = await pool.query<{ table: string; columns: Record<string, string> }>(
    `SELECT table_name AS table, json_object_agg(column_name, format('%I.%I', udt_schema, udt_name)) AS columns
     FROM information_schema.columns WHERE table_schema = $1 GROUP BY table_name`,
    [schema],
  );
  return new Map(rows.map(({ table, columns }) => [table, new Map(Object.entries(columns))]));
}

function named(columns: Columns, names: readonly string[], needs: readonly string[]): string {
  const found = names.filter((name) => {
    const has = columns.get(name);
    return has && needs.some((column) => has.has(column)) && !ownColumns.some((column) => has.has(column));
  });
  const [only, another] = found;
  if (!only)
    throw new ImportError(`It has none of the tables ${names.join(", ")}. Name yours: --tables <users>,<accounts>.`);
  if (another) throw new ImportError(`It has ${found.join(" and ")}. Say which is meant: --tables <users>,<accounts>.`);
  return only;
}

function columnIn(columns: Columns, table: string, names: readonly string[]): string | null {
  return names.find((name) => columns.get(table)?.has(name)) ?? null;
}

/** The select list: each by our name, null where the table has no such column. */
function pick(columns: Columns, table: string, wanted: Record<string, readonly string[]>, needed: readonly string[]) {
  return Object.entries(wanted)
    .map(([as, names]) => {
      const column = columnIn(columns, table, names);
      if (column === null && needed.includes(as))
        throw new ImportError(`Its table ${table} has no column ${names.join(" or ")}.`);
      return `${column === null ? "NULL" : quoted(column)} AS ${quoted(as)}`;
    })
    .join(", ");
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

function readUser(row: Record<string, unknown>, accounts: readonly Record<string, unknown>[]): SourceUser {
  const { emailVerified } = row;
  // A ban without an end that can be read has none.
  const banEnd = date(row.banExpires)?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    id: String(row.id),
    name: text(row.name),
    email: text(row.email),
    // better-auth says only whether, NextAuth says when.
    emailVerified: emailVerified === true ? new Date() : date(emailVerified),
    image: text(row.image),
    createdAt: date(row.createdAt),
    isBanned: row.banned === true && banEnd > Date.now(),
    accounts: accounts.map(readAccount),
  };
}

function readAccount(row: Record<string, unknown>): SourceAccount {
  const { expires } = row;
  const seconds = typeof expires === "string" || typeof expires === "number" ? Number(expires) : Number.NaN;
  return {
    provider: String(row.provider),
    subject: String(row.subject),
    accessToken: text(row.accessToken),
    // UNIX seconds in NextAuth, a time in better-auth.
    accessTokenExpiresAt: Number.isSafeInteger(seconds) ? date(new Date(seconds * 1000)) : date(expires),
    refreshToken: text(row.refreshToken),
    idToken: text(row.idToken),
    scope: text(row.scope),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function date(value: unknown): Date | null {
  return value instanceof Date && Number.isFinite(value.getTime()) ? value : null;
}
