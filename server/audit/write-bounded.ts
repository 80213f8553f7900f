import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";
import { databaseFailureCode } from "../db/unavailable";
import { afterResponse } from "../http/after-response";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { env } from "../settings/env";
import { move } from "../telemetry/meters";
import { insertRow } from "./insert-row";
import { createMinuteCounts } from "./minute-bound";

/** A row of the audit trail. */
export type AuditRow = Omit<Prisma.AuditEventCreateInput, "detail"> & {
  detail: Record<string, Prisma.InputJsonValue | null>;
};

/** A row on its way, and the id that it has once it is written. */
interface Pending {
  row: AuditRow;
  id: bigint | null;
}

// Rows that could not be written yet. Bounded: past this, a row goes whole to the log at error level.
const spoolSize = 1000;
const spool: Pending[] = [];
let draining: Promise<void> | null = null;

const bounds = 1000;
const hit = inProcess("audit.counts", () => createMinuteCounts(bounds));
// The last row of each bound's minute, which counts what came after it.
const lastRows = inProcess("audit.last-rows", () => new Map<string, Pending>());
const uncounted = new Set<Pending>();
const surplusPauseMs = 1000;
let telling: Promise<void> | null = null;

// How long a function is kept from being frozen for what waits: less than any platform lets one live.
const heldOpenMs = 8_000;

/**
 * Writes a row, if it is none too many in its minute; else counts it in the last one that was written. Of the count at most
 * the last second is lost with the process.
 *
 * @param bound what the row has in common with those it is bounded with
 */
export async function writeBounded(row: AuditRow, { bound, most }: { bound: string; most: number }): Promise<void> {
  const { count } = hit(bound);
  if (count > most) return countSurplus(bound);
  const pending: Pending = { row, id: null };
  if (count === most) {
    lastRows.delete(bound);
    lastRows.set(bound, pending);
    if (lastRows.size > bounds) lastRows.delete(lastRows.keys().next().value as string);
  }
  if (spool.length > 0 || (await tryWrite(pending)) !== null) keep(pending);
}

/** What is left of a row's detail where its user is gone. It may have been counted into while it was written. */
function countOf({ detail: { surplus } }: AuditRow): AuditRow["detail"] {
  return surplus === undefined ? {} : { surplus };
}

function countSurplus(bound: string): void {
  const last = lastRows.get(bound);
  if (!last) return;
  const { detail } = last.row;
  // A row that waits in the spool is written with it.
  last.row.detail = { ...detail, surplus: Number(detail.surplus ?? 0) + 1 };
  uncounted.add(last);
  telling ??= tellSurplus().finally(() => {
    telling = null;
  });
  holdOpenFor(telling);
}

/** Writes the counts down; while the database is away, later. */
async function tellSurplus(): Promise<void> {
  while (uncounted.size > 0) {
    await pause(surplusPauseMs);
    for (const last of uncounted) {
      if (last.id === null) continue;
      const { detail } = last.row;
      try {
        // The time names the partition. A row whose user was deleted meanwhile stays empty.
        const where = { id: last.id, at: last.row.at as Date, pseudonym: null };
        await db.auditEvent.updateMany({ where, data: { detail } });
      } catch (error) {
        log.warn("audit.surplus_waiting", { cause: describeError(error) });
        break;
      }
      if (last.row.detail === detail) uncounted.delete(last);
    }
  }
}

/**
 * A function of Vercel is frozen once it has answered, and may never run again. What waits is done before that, as far as it
 * can be in a while.
 */
function holdOpenFor(work: Promise<void>, otherwise: () => void = () => {}): void {
  if (!env().vercel) return;
  afterResponse(async () => {
    await Promise.race([work, pause(heldOpenMs)]);
    otherwise();
  });
}

// No process lives on for its sake.
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** Null once the row is dealt with; else why it has to wait. A row that the database refuses would block all behind it. */
async function tryWrite(pending: Pending): Promise<string | null> {
  const { row } = pending;
  try {
    const { id, isUserGone } = await insertRow(row);
    if (isUserGone)
      pending.row = { ...pending.row, userId: null, ip: null, userAgent: null, detail: countOf(pending.row) };
    pending.id = id;
    return null;
  } catch (error) {
    if (databaseFailureCode(error) !== "internal_error") return describeError(error);
    giveUp(pending, "audit.refused", { cause: describeError(error) });
    return null;
  }
}

function keep(pending: Pending): void {
  if (spool.length >= spoolSize) giveUp(pending, "audit.overflow");
  else {
    spool.push(pending);
    move("daemun.audit.spooled", 1);
  }
  if (spool.length === 0) return;
  draining ??= drain().finally(() => {
    draining = null;
  });
  holdOpenFor(draining, () => {
    // It stays in the spool too, for the instance that goes on.
    if (spool.includes(pending)) log.error("audit.frozen", { row: pending.row });
  });
}

/** The row will not be in the table: it goes whole to the log. */
function giveUp(pending: Pending, event: string, more: { cause?: string } = {}): void {
  log.error(event, { row: pending.row, ...more });
  for (const [bound, last] of lastRows) if (last === pending) lastRows.delete(bound);
  uncounted.delete(pending);
}

async function drain(): Promise<void> {
  for (let pauseMs = 1000; spool.length > 0; pauseMs = Math.min(pauseMs * 2, 30_000)) {
    await pause(pauseMs);
    for (let pending = spool[0]; pending; pending = spool[0]) {
      const fault = await tryWrite(pending);
      if (fault !== null) {
        log.warn("audit.waiting", { rows: spool.length, cause: fault });
        break;
      }
      spool.shift();
      move("daemun.audit.spooled", -1);
    }
  }
}
