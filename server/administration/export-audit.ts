import "server-only";
import { hasRole } from "@/edge/gate";
import { audited } from "../audit/audit";
import { db } from "../db/client";
import { databaseFailureCode } from "../db/unavailable";
import { errorReply, failedReply } from "../http/error-reply";
import { uniqueParameters } from "../http/form-body";
import { describeError, log } from "../http/log";
import type { ActiveSession } from "../sessions/registry/active-session";
import { heldRoles } from "../sessions/registry/held-roles";
import { adminRoles } from "../sessions/registry/policy";
import { type AuditFilter, filterFields, parseAuditFilter } from "./audit-filter";
import { csvLine } from "./csv";
import { type AuditRow, readAudit } from "./list-audit";

const formats = {
  ndjson: { type: "application/x-ndjson", head: "", line: (row: AuditRow) => `${JSON.stringify(row)}\n` },
  csv: { type: "text/csv; charset=utf-8", head: csvLine(columns()), line: csvRow },
} as const;

/**
 * `GET /api/admin/audit?format=ndjson|csv&from=&to=`, and what else the page filters by: all rows that fit, the oldest first,
 * batch by batch. It is written down before it begins, and stops where the administrator's session or role ends meanwhile: then,
 * as with a database that fails, the download breaks off, and is no shorter file that looks whole.
 */
export async function exportAudit(request: Request, session: ActiveSession): Promise<Response> {
  const query = uniqueParameters(new URL(request.url).searchParams);
  const format = (["ndjson", "csv"] as const).find((known) => known === query?.get("format"));
  const said = filterFields.flatMap((name) => (query?.get(name) ? [[name, query.get(name)] as const] : []));
  const { filter, wrong } = parseAuditFilter(Object.fromEntries(said));
  if (!query || !format || wrong.length > 0) return errorReply(request, "invalid_request");
  // What is written while it runs is not in it, or it might never end.
  const to = filter.to && filter.to < new Date() ? filter.to : new Date();
  try {
    await audited((_, audit) =>
      audit({
        event: "admin.action",
        outcome: "success",
        sessionHash: session.hash,
        provider: session.provider,
        issuer: session.issuer,
        detail: { act: "export_audit", actor: "admin", by: session.user.id, format, ...Object.fromEntries(said) },
      }),
    );
  } catch (error) {
    log.error("admin.not_done", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
  return new Response(streamOf(lines({ ...filter, to }, format, session.id)), {
    headers: {
      "Content-Type": formats[format].type,
      "Content-Disposition": `attachment; filename="audit-${to.toISOString().slice(0, 10)}.${format}"`,
    },
  });
}

async function* lines(filter: AuditFilter & { to: Date }, format: keyof typeof formats, sessionId: string) {
  const { head, line } = formats[format];
  if (head !== "") yield head;
  for await (const rows of readAudit(filter)) {
    if (!(await mayGoOn(sessionId))) throw new Error("The administrator's session or role has ended.");
    // Also where no row of a batch fits: whoever has gone is noticed between two pieces.
    yield rows.map(line).join("");
  }
}

async function mayGoOn(id: string): Promise<boolean> {
  const now = new Date();
  const session = await db.session.findFirst({
    where: { id, endedAt: null, idleExpiresAt: { gt: now }, expires: { gt: now }, user: { disabledAt: null } },
    select: { provider: true, subject: true, roles: true, confirmation: true, user: { select: { adminSince: true } } },
  });
  return session !== null && hasRole(adminRoles(), heldRoles(session));
}

/** Asks for the next piece only when somebody takes it, and for none after they have gone. */
function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        log.warn("admin.export_ended", { cause: describeError(error) });
        controller.error(error);
      }
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

function columns(): string[] {
  return "id at event outcome reason userId sessionHash provider issuer ip userAgent requestId detail".split(" ");
}

function csvRow({ at, detail, ...row }: AuditRow): string {
  const texts: Record<string, string | null> = { ...row, at: at.toISOString(), detail: JSON.stringify(detail) };
  return csvLine(columns().map((name) => texts[name] ?? null));
}
