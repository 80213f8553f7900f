import type { AuditRow } from "@/server/administration/list-audit";

const acts = ["disable", "enable", "end_sessions", "end_session", "note", "delete"] as const;

export type DoneAct = (typeof acts)[number];

const justNowMs = 60_000;

/** What this administrator's click did a moment ago, by the audit trail: an address could be anybody's. */
export function justDone(trail: readonly AuditRow[], sessionHash: string, now: Date): DoneAct | null {
  const row = trail.find(({ event }) => event === "admin.action");
  if (row?.sessionHash !== sessionHash || now.getTime() - row.at.getTime() > justNowMs) return null;
  return acts.find((act) => act === row.detail.act) ?? null;
}
