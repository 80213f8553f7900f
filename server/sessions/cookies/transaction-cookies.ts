import "server-only";
import { createHash } from "node:crypto";
import type { z } from "zod";
import { type CookieSite, cookieName, cookieSite, transactionKind } from "@/edge/cookie-names";
import { defaultReturnPath } from "@/edge/return-path";
import { createSealer, type Sealer } from "@/edge/sealing";
import { db } from "../../db/client";
import { cookieHeader } from "../../http/cookie-jar";
import { env } from "../../settings/env";
import { findReturnPath, keepReturnPath, longestInCookie } from "./return-paths";

/** What somebody left this app for: to sign in, to connect a service, or to link an identity. */
type TransactionPurpose = "transaction" | "connect" | "link";

/** Seconds between leaving for a provider or service and coming back. */
export const transactionSeconds = 15 * 60;

/** How long the person who came back waits for discovery, keys, token endpoint and userinfo together. */
export const callbackTimeoutMs = 9_000;

const atMost = 5;
// Cookies travel with every request; five long return paths would not fit what servers take.
const atMostBytes = 6000;

/** How many transaction cookies one response takes away: each costs a header, and proxies take only so many bytes. */
export const clearedAtMost = atMost;

const sealers = new Map<TransactionPurpose, Sealer>();
function sealerFor(purpose: TransactionPurpose): Sealer {
  const sealer = sealers.get(purpose) ?? createSealer(env().sessionSecrets, purpose);
  sealers.set(purpose, sealer);
  return sealer;
}

/** SHA-256 of a `state`, base64url: what is kept of it. */
export function hashState(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}

// The gate tells them apart by it: while somebody signs in, it leaves the session cookie alone.
const marks = { transaction: "", connect: "connect.", link: "link." } as const;

/** The transaction cookies of a request, those of others left aside. */
export function transactionNames(jar: ReadonlyMap<string, string>): string[] {
  const site = cookieSite(env().authUrl);
  return [...jar.keys()].filter((name) => transactionKind(site, name) !== null);
}

/** What every transaction says: the rest is its purpose's own. */
type Begun = Record<string, unknown> & {
  /** SHA-256 of the `state`, base64url. */
  stateHash: string;
  /** Where it leads to. */
  returnTo: string;
  /** UNIX seconds, to the millisecond. */
  startedAt: number;
};

/**
 * What has to be the same when a browser comes back from where we sent it, each in a cookie of its own that is named after
 * its `state`, so that several tabs do not disturb each other.
 *
 * @param schema of what is kept
 */
export function createTransactions<T extends Begun>(purpose: TransactionPurpose, schema: z.ZodType<T>) {
  const nameOn = (site: CookieSite, stateHash: string) =>
    `${cookieName(site, "tx")}.${marks[purpose]}${stateHash.slice(0, 16)}`;
  const nameOf = (stateHash: string) => nameOn(cookieSite(env().authUrl), stateHash);
  return {
    /** Sends the browser to `location`, with the transaction in a cookie, and others of `jar` taken away for it. */
    async sendOff(location: URL, transaction: T, jar: ReadonlyMap<string, string>): Promise<Response> {
      const endsAt = Math.floor(transaction.startedAt) + transactionSeconds;
      const { stateHash, returnTo } = transaction;
      const isKept =
        returnTo.length > longestInCookie && (await keepReturnPath(stateHash, returnTo, new Date(endsAt * 1000)));
      const inCookie = isKept ? { ...transaction, returnTo: defaultReturnPath, returnsElsewhere: true } : transaction;
      const sealed = await sealerFor(purpose).seal({ ...inCookie }, endsAt);
      const name = nameOf(stateHash);
      const headers = new Headers({ Location: location.href, "Cache-Control": "private, no-store" });
      for (const surplus of await surplusTransactions(jar, name.length + sealed.length)) {
        headers.append("Set-Cookie", cookieHeader(surplus, "", 0));
      }
      headers.append("Set-Cookie", cookieHeader(name, sealed, transactionSeconds));
      return new Response(null, { status: 302, headers });
    },
    /** The transaction that `state` belongs to, out of this browser's cookies, or null. */
    async read(jar: ReadonlyMap<string, string>, state: string | undefined): Promise<T | null> {
      if (!state || state.length > 2048) return null;
      const stateHash = hashState(state);
      // Version 0.1.0 had no port in the name.
      const sealed = jar.get(nameOf(stateHash)) ?? jar.get(nameOn({ secure: env().secure, port: null }, stateHash));
      const opened = await openTransaction(purpose, sealed);
      const parsed = schema.safeParse(opened);
      if (!parsed.success || parsed.data.stateHash !== stateHash) return null;
      const kept = opened?.returnsElsewhere === true ? await findReturnPath(stateHash) : null;
      return kept === null ? parsed.data : { ...parsed.data, returnTo: kept };
    },
    /** The same response, taking its cookie away. */
    drop(response: Response, { stateHash }: T): Response {
      response.headers.append("Set-Cookie", cookieHeader(nameOf(stateHash), "", 0));
      return response;
    },
  };
}

/** What was sealed for this purpose, or null for whatever is not ours or past its time. */
function openTransaction(purpose: TransactionPurpose, sealed: string | undefined) {
  return sealed ? sealerFor(purpose).open(sealed) : null;
}

/**
 * The transaction cookies to take away so that a new one of `newBytes` fits: unreadable ones, then the oldest, whatever
 * they are for.
 */
async function surplusTransactions(jar: ReadonlyMap<string, string>, newBytes: number): Promise<string[]> {
  const read = await Promise.all(
    transactionNames(jar)
      .slice(0, 50)
      .map(async (name) => {
        const value = jar.get(name) ?? "";
        return { name, bytes: name.length + value.length, startedAt: await startOf(name, value) };
      }),
  );
  const newestFirst = read.sort((a, b) => b.startedAt - a.startedAt);
  let bytes = newBytes;
  let kept = 1;
  const surplus = newestFirst.flatMap(({ name, bytes: size, startedAt }) => {
    bytes += size;
    kept += 1;
    return startedAt > 0 && kept <= atMost && bytes <= atMostBytes ? [] : [name];
  });
  return surplus.slice(0, clearedAtMost);
}

async function startOf(name: string, sealed: string): Promise<number> {
  const kind = transactionKind(cookieSite(env().authUrl), name);
  const purpose = kind === "connect" || kind === "link" ? kind : "transaction";
  const startedAt = (await openTransaction(purpose, sealed))?.startedAt;
  return typeof startedAt === "number" ? startedAt : 0;
}

/**
 * Spends a `state`: answers true once and false ever after, on every instance. Cookies alone cannot say that: a
 * browser may deliver a callback twice at once, and a copied cookie any number of times (RFC 6749, section 10.12;
 * RFC 9700, section 4.7).
 *
 * @throws when the database cannot be asked; the code is not exchanged then
 */
export async function spendState(
  { stateHash, returnTo }: Pick<Begun, "stateHash" | "returnTo">,
  now = new Date(),
): Promise<boolean> {
  const expiresAt = new Date(now.getTime() + transactionSeconds * 1000);
  // Nobody waits for a row that another takes away: two who spend the same state would wait for each other.
  const written = await db.$executeRaw`
    WITH gone AS (
      DELETE FROM "SpentState" WHERE "stateHash" IN (
        SELECT "stateHash" FROM "SpentState" WHERE "expiresAt" < ${now}::timestamptz FOR UPDATE SKIP LOCKED))
    INSERT INTO "SpentState" ("stateHash", "returnTo", "expiresAt")
    VALUES (${stateHash}, ${returnTo}, ${expiresAt}::timestamptz) ON CONFLICT DO NOTHING`;
  return written === 1;
}

/** Whether a `state` came back already, and could still come back again. */
export async function isSpent(stateHash: string): Promise<boolean> {
  return (await db.spentState.findUnique({ where: { stateHash }, select: { stateHash: true } })) !== null;
}

/** Where the sign-in led to whose `state` came back already, as far as that is known. Never throws. */
export async function spentReturnPath(state: string): Promise<string | null> {
  const where = { stateHash: hashState(state) };
  const row = await db.spentState.findUnique({ where, select: { returnTo: true } }).catch(() => null);
  return row?.returnTo ?? null;
}
