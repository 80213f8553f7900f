import "server-only";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { noteCommit } from "../db/after-commit";
import { db, withPermit } from "../db/client";
import { isDeadlock } from "../db/deadlock";
import { fitForLog, log } from "../http/log";
import { getRequestContext } from "../http/request-context";
import { env } from "../settings/env";
import { count } from "../telemetry/meters";
import { announce } from "./listeners";
import { sealAfterResponse } from "./seal-by-itself";
import { writeWebhookMessages } from "./webhook-messages";
import { type AuditRow, writeBounded } from "./write-bounded";

/** Every event of the audit trail. */
export type AuditEventName =
  | "sign_in.started"
  | "sign_in.succeeded"
  | "sign_in.failed"
  | "provider.moved"
  | "sign_in.not_allowed"
  | "account.linked"
  | "account.unlinked"
  | "account.address_changed"
  | "session.expired"
  | "session.rejected"
  | "session.revoked"
  | "session.new_device"
  | "account.deletion_asked"
  | "account.deletion_undone"
  | "account.deleted"
  | "account.exported"
  | "admin.action"
  | "sign_out"
  | "sign_out.backchannel"
  | "sign_out.backchannel_rejected"
  | "token.refreshed"
  | "token.refresh_failed"
  | "token.exchanged"
  | "token.exposed"
  | "service.connected"
  | "service.disconnected"
  | "service.denied"
  | "authorization.denied"
  | "csrf.rejected"
  | "security.identity_switch"
  | "security.ciphertext"
  | "vault.rotated"
  | "signing.key_made"
  | "webhook.failed"
  | "rate.limited";

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
      const { tx, result } = await withPermit(() =>
        db.$transaction(async (tx) => {
          const result = await work(tx, async (...entries) => {
            const added = entries.map(toRow);
            if (added.length > 0) await tx.auditEvent.createMany({ data: added });
            await writeWebhookMessages(tx, added);
            rows.push(...added);
          });
          return { tx, result };
        }),
      );
      noteCommit(tx);
      for (const row of rows) logRow(row);
      if (rows.length > 0) sealAfterResponse();
      announce(rows);
      return result;
    } catch (error) {
      // Two that end several sessions at once may meet in opposite order. PostgreSQL lets one go on and undoes the other.
      if (attempt === 3 || !isDeadlock(error)) throw error;
      // At once, it could take its rows back before the one that waits for them has woken, and be in its way again.
      await sleep(attempt * 50);
    }
  }
}

/**
 * Writes the row at once; when the database is away, keeps it in a bounded spool and tries again. Never throws.
 *
 * Strangers can cause such rows at will: of each code, for each address and user, `most` are written in a minute, and the
 * last of them counts the others (`surplus`). The log has them all.
 *
 * @param most `RATE_LIMIT_PER_MINUTE`, if absent
 * @param kind what is bounded by itself within a code
 */
export async function auditAtOnce(entry: AuditEntry, { most, kind = "" }: { most?: number; kind?: string } = {}) {
  const row = toRow(entry);
  logRow(row);
  const network = getRequestContext()?.network ?? row.ip;
  const bound = [row.event, row.reason, kind, network, row.userId].join("\n");
  await writeBounded(row, { bound, most: most ?? env().rateLimitPerMinute });
  sealAfterResponse();
  announce([row]);
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
  log[level](event, { outcome, reason, provider, session: sessionHash, detail });
  count("daemun.audit.events", { event, outcome, ...(reason && { reason }), ...(provider && { provider }) });
}
