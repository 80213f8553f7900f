import "server-only";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { db, inTurn } from "../db/client";
import { isDeadlock } from "../db/deadlock";
import { isDatabaseUnavailable } from "../db/unavailable";
import { describeError, fitForLog, log } from "../http/log";
import { getRequestContext } from "../http/request-context";

/** The events that this house writes so far; the whole vocabulary is in the contract. */
export type AuditEventName =
  | "sign_in.started"
  | "sign_in.succeeded"
  | "sign_in.failed"
  | "session.expired"
  | "session.rejected"
  | "session.revoked"
  | "sign_out"
  | "sign_out.backchannel"
  | "sign_out.backchannel_rejected"
  | "token.refreshed"
  | "token.refresh_failed"
  | "token.exposed"
  | "service.connected"
  | "service.disconnected"
  | "service.denied"
  | "authorization.denied"
  | "csrf.rejected"
  | "security.identity_switch"
  | "security.ciphertext"
  | "vault.rotated";

export interface AuditEntry {
  event: AuditEventName;
  outcome: "success" | "failure";
  reason?: ErrorCode;
  userId?: string;
  /** The session's secret id; only its hash is written. */
  sid?: string;
  /** The same, where only the hash is at hand. */
  sessionHash?: string;
  provider?: string;
  issuer?: string;
  /** Small, flat, with no secret and no claim value beyond `sub`. */
  detail?: Record<string, string | number | boolean | null | string[]>;
}

type AuditRow = Prisma.AuditEventCreateInput;

/** Writes audit rows in the transaction that it was given with. */
export type Audit = (...entries: AuditEntry[]) => Promise<void>;

/**
 * Runs `work` in a transaction together with the audit rows of what it does: both happen, or neither. The log hears of
 * them after the commit, so that it never tells what was rolled back. Undone by a deadlock, `work` runs again, up to
 * three times in all: it must have no effect but through `tx`.
 */
export async function audited<T>(work: (tx: Prisma.TransactionClient, audit: Audit) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const rows: AuditRow[] = [];
    try {
      const result = await inTurn(() =>
        db.$transaction((tx) =>
          work(tx, async (...entries) => {
            const added = entries.map(toRow);
            if (added.length > 0) await tx.auditEvent.createMany({ data: added });
            rows.push(...added);
          }),
        ),
      );
      for (const row of rows) logRow(row);
      return result;
    } catch (error) {
      // Two that end several sessions at once may meet in opposite order. PostgreSQL lets one go on and undoes the other.
      if (attempt === 3 || !isDeadlock(error)) throw error;
      // At once, it could take its rows back before the one that waits for them has woken, and be in its way again.
      await sleep(attempt * 50);
    }
  }
}

// Rows that could not be written yet. Bounded: past this, a row goes whole to the log at error level.
const spoolSize = 1000;
const spool: AuditRow[] = [];
let isDraining = false;

/** Writes the row at once; when the database is away, keeps it in a bounded spool and tries again. Never throws. */
export async function auditAtOnce(entry: AuditEntry): Promise<void> {
  const row = toRow(entry);
  logRow(row);
  if (spool.length > 0) return keep(row);
  const fault = await tryWrite(row);
  if (fault !== null) keep(row);
}

/** Null once the row is dealt with; else why it has to wait. A row that the database refuses would block all behind it. */
async function tryWrite(row: AuditRow): Promise<string | null> {
  try {
    await db.auditEvent.create({ data: row });
    return null;
  } catch (error) {
    if (isDatabaseUnavailable(error)) return describeError(error);
    log.error("audit.refused", { row: JSON.stringify(row), cause: describeError(error) });
    return null;
  }
}

function keep(row: AuditRow): void {
  if (spool.length >= spoolSize) {
    log.error("audit.overflow", { row: JSON.stringify(row) });
    return;
  }
  spool.push(row);
  if (isDraining) return;
  isDraining = true;
  void drain().finally(() => {
    isDraining = false;
  });
}

async function drain(): Promise<void> {
  for (let pauseMs = 1000; spool.length > 0; pauseMs = Math.min(pauseMs * 2, 30_000)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
    for (let row = spool[0]; row; row = spool[0]) {
      const fault = await tryWrite(row);
      if (fault !== null) {
        log.warn("audit.waiting", { rows: spool.length, cause: fault });
        break;
      }
      spool.shift();
    }
  }
}

/** How a session is named where its id must not be: salted by purpose, irreversible. */
export function hashSessionId(sid: string): string {
  return createHash("sha256").update(`daemun audit session\n${sid}`).digest("base64url").slice(0, 22);
}

function toRow({ event, outcome, reason, userId, sid, sessionHash, provider, issuer, detail }: AuditEntry): AuditRow {
  const context = getRequestContext();
  return {
    at: new Date(),
    event,
    outcome,
    reason: reason ?? null,
    userId: userId ?? null,
    sessionHash: sid === undefined ? (sessionHash ?? null) : hashSessionId(sid),
    provider: provider ?? null,
    issuer: issuer ?? null,
    ip: context?.address ?? null,
    userAgent: context?.userAgent ? fitForLog(context.userAgent) : null,
    requestId: context?.requestId ?? null,
    detail: Object.fromEntries(
      Object.entries(detail ?? {}).map(([key, value]) => [
        key,
        typeof value === "string" ? fitForLog(value) : Array.isArray(value) ? value.map(fitForLog) : value,
      ]),
    ),
  };
}

function logRow(row: AuditRow): void {
  const { event, outcome, reason, provider, sessionHash, detail } = row;
  const level = outcome === "failure" ? "warn" : "info";
  log[level](event, { outcome, reason, provider, session: sessionHash, detail: JSON.stringify(detail) });
}
