import "server-only";
import { auditAtOnce } from "../audit/audit";
import type { MinuteCount } from "../audit/minute-bound";
import { failedReply } from "../http/error-reply";
import { inProcess } from "../http/in-process";
import { getRequestContext } from "../http/request-context";
import { env } from "../settings/env";
import { countOn, countsOf } from "./counts";

const kinds = [
  "sign-in",
  "callback",
  "sign-out",
  "tokens",
  "connect",
  "logout-token",
  "account",
  "export",
  "bearer",
] as const;

/** What is limited, each kind by itself: `RATE_LIMIT_PER_MINUTE` times a minute for each address and for each user. */
export type LimitKind = (typeof kinds)[number];

// What costs more than a sign-in does, or gives more away.
const mostOf: Partial<Record<LimitKind, number>> = { export: 6 };

// Whoever is signed in has a limit of their own. Their address, an office say, is allowed as much as so many of them.
const usersOfAnAddress = 10;

interface Limit {
  key: string;
  most: number;
}

// What is over, and until when by this process's clock: a flood is refused without asking. Bounded: see `remember`.
const over = inProcess("limits.over", () => new Map<string, number>());
const remembered = 10_000;

/**
 * Counts this request, and answers it where it is one too many: 429 `rate_limited` with `Retry-After`, as a page or as
 * JSON. No limit ends a session. Costs one statement, and none while it refuses.
 *
 * @param userId who is asking, where that is known: their sealed cookie says so
 */
export async function refuseOverLimit(request: Request, kind: LimitKind, userId?: string): Promise<Response | null> {
  const retryAfterSeconds = await secondsOverLimit(kind, userId);
  return retryAfterSeconds === null ? null : failedReply(request, "rate_limited", { retryAfterSeconds });
}

/** The same for who answers in other words: after how many seconds it may be tried again, or null within the limits. */
export async function secondsOverLimit(kind: LimitKind, userId?: string): Promise<number | null> {
  return secondsBy(kind, userId, count);
}

/**
 * After how many seconds something may be done that counts only where it fails, or null where one more failure would be within
 * the limits. Counts nothing: {@link secondsOverLimit} does, once it has failed.
 */
export async function secondsAtLimit(kind: LimitKind, userId?: string): Promise<number | null> {
  return secondsBy(kind, userId, look);
}

async function secondsBy(kind: LimitKind, userId: string | undefined, ask: typeof count): Promise<number | null> {
  const limits = limitsOf(kind, userId);
  if (limits.length === 0) return null;
  const known = leftOf(limits);
  const leftMs = known.length > 0 ? known : await ask(limits);
  if (leftMs.length === 0) return null;
  const who = userId === undefined ? {} : { userId };
  const refusal = {
    event: "rate.limited",
    outcome: "failure",
    reason: "rate_limited",
    ...who,
    detail: { kind },
  } as const;
  await auditAtOnce(refusal, { most: 1, kind });
  return Math.max(1, Math.ceil(Math.max(...leftMs) / 1000));
}

/** Under which keys a user is counted: they go with the user. */
export function userLimitKeys(userId: string): string[] {
  return kinds.map((kind) => userKey(kind, userId));
}

function userKey(kind: LimitKind, userId: string): string {
  return `${kind} user ${userId}`;
}

function limitsOf(kind: LimitKind, userId: string | undefined): Limit[] {
  const most = Math.min(env().rateLimitPerMinute, mostOf[kind] ?? Number.POSITIVE_INFINITY);
  const network = getRequestContext()?.network ?? null;
  if (userId === undefined) return network === null ? [] : [{ key: `${kind} address ${network}`, most }];
  const own = { key: userKey(kind, userId), most };
  return network === null ? [own] : [{ key: `${kind} address ${network}`, most: most * usersOfAnAddress }, own];
}

/** For how many milliseconds those that are known to be over stay so. */
function leftOf(limits: readonly Limit[]): number[] {
  const now = performance.now();
  return limits.map((limit) => (over.get(nameOf(limit)) ?? 0) - now).filter((ms) => ms > 0);
}

async function count(limits: readonly Limit[]): Promise<number[]> {
  return overOf(limits, await countOn(keysOf(limits)), 0);
}

async function look(limits: readonly Limit[]): Promise<number[]> {
  return overOf(limits, await countsOf(keysOf(limits)), 1);
}

function keysOf(limits: readonly Limit[]): string[] {
  return limits.map(({ key }) => key);
}

/** For how many milliseconds those stay over that are so by these counts and so many more. */
function overOf(limits: readonly Limit[], counts: readonly (MinuteCount | undefined)[], more: number): number[] {
  return limits.flatMap((limit, at) => {
    const counted = counts[at];
    if (!counted || counted.count + more <= limit.most) return [];
    remember(limit, counted.leftMs);
    return [counted.leftMs];
  });
}

function remember(limit: Limit, leftMs: number): void {
  over.delete(nameOf(limit));
  over.set(nameOf(limit), performance.now() + leftMs);
  if (over.size > remembered) over.delete(over.keys().next().value as string);
}

// An address may be over what strangers may do, and not over what users may.
function nameOf({ key, most }: Limit): string {
  return `${most} ${key}`;
}
