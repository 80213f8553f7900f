import "server-only";
import { createHash } from "node:crypto";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
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
  | "authorization.denied"
  | "csrf.rejected";

export interface AuditEntry {
  event: AuditEventName;
  outcome: "success" | "failure";
  reason?: ErrorCode;
  userId?: string;
  /** The session's secret id; only its hash is written. */
  sid?: string;
  provider?: string;
  issuer?: string;
  /** Small, flat, with no secret and no claim value beyond `sub`. */
  detail?: Record<string, string | number | boolean | null | string[]>;
}

type AuditRow = Prisma.AuditEventCreateInput;

/** Writes the row in the transaction of what it records: both happen, or neither. */
export async function audit(tx: Prisma.TransactionClient, entry: AuditEntry): Promise<void> {
  const row = toRow(entry);
  await tx.auditEvent.create({ data: row });
  logRow(row);
}

// Rows that could not be written yet. Bounded: past this, a row goes whole to the log at error level.
const spoolSize = 1000;
const spool: AuditRow[] = [];
let draining: Promise<void> | undefined;

/** Writes the row at once; when the database is away, keeps it in a bounded spool and tries again. Never throws. */
export async function auditAtOnce(entry: AuditEntry): Promise<void> {
  const row = toRow(entry);
  logRow(row);
  if (spool.length > 0) return keep(row);
  try {
    await db.auditEvent.create({ data: row });
  } catch (error) {
    log.warn("audit.spooled", { cause: describeError(error) });
    keep(row);
  }
}

function keep(row: AuditRow): void {
  if (spool.length >= spoolSize) {
    log.error("audit.overflow", { row: JSON.stringify(row) });
    return;
  }
  spool.push(row);
  draining ??= drain().finally(() => {
    draining = undefined;
  });
}

async function drain(): Promise<void> {
  for (let pauseMs = 1000; spool.length > 0; pauseMs = Math.min(pauseMs * 2, 30_000)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
    try {
      while (spool[0]) {
        await db.auditEvent.create({ data: spool[0] });
        spool.shift();
      }
    } catch (error) {
      log.warn("audit.waiting", { rows: spool.length, cause: describeError(error) });
    }
  }
}

/** How a session is named where its id must not be: salted by purpose, irreversible. */
export function hashSessionId(sid: string): string {
  return createHash("sha256").update(`daemun audit session\n${sid}`).digest("base64url").slice(0, 22);
}

function toRow({ event, outcome, reason, userId, sid, provider, issuer, detail }: AuditEntry): AuditRow {
  const context = getRequestContext();
  return {
    at: new Date(),
    event,
    outcome,
    reason: reason ?? null,
    userId: userId ?? null,
    sessionHash: sid === undefined ? null : hashSessionId(sid),
    provider: provider ?? null,
    issuer: issuer ?? null,
    ip: context?.address ?? null,
    userAgent: context?.userAgent ? fitForLog(context.userAgent) : null,
    requestId: context?.requestId ?? null,
    detail: Object.fromEntries(
      Object.entries(detail ?? {}).map(([key, value]) => [key, typeof value === "string" ? fitForLog(value) : value]),
    ),
  };
}

function logRow(row: AuditRow): void {
  const { event, outcome, reason, provider, sessionHash, detail } = row;
  const level = outcome === "failure" ? "warn" : "info";
  log[level](event, { outcome, reason, provider, session: sessionHash, detail: JSON.stringify(detail) });
}
