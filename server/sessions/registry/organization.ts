import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { db } from "../../db/client";

/** The claims of a session's row, which were read once at the sign-in: only what is of the right form is looked at here. */
type Claims = Readonly<Record<string, unknown>>;

// A row is read with every request.
const mostNames = 200;
const longestName = 200;

/** What a session says of organizations. */
export interface WorkingIn {
  /** The id of the organization that the user works in: the chosen one, as long as they belong to it, or their only one. */
  organization: string | null;
  /** What people call the user's organizations, by their ids, where that is known. */
  organizationNames: Readonly<Record<string, string>>;
}

/** The claims of a session's row. */
export function claimsOf(kept: unknown): Record<string, unknown> {
  return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as Record<string, unknown>) : {};
}

/** What a session's row says of organizations. A choice whose membership has gone is dropped: it does not come back with it. */
export async function workingIn(
  row: { id: string; organization: string | null; organizationNames: unknown },
  claims: Claims,
): Promise<WorkingIn> {
  const organization = currentOrganization(row.organization, claims);
  if (row.organization !== null && row.organization !== organization) await forgetChoice(row.id, row.organization);
  return { organization, organizationNames: organizationNames(row.organizationNames, claims) };
}

/** The ids of the organizations that claims name, each once. */
export function organizationIds({ organizations }: Claims): string[] {
  const ids = Array.isArray(organizations) ? organizations : [];
  return [...new Set(ids.filter((id): id is string => typeof id === "string" && id !== ""))];
}

/** The chosen organization while its user belongs to it; without a choice, the only one that they belong to; else null. */
export function currentOrganization(chosen: string | null, claims: Claims): string | null {
  const ids = organizationIds(claims);
  if (chosen !== null && ids.includes(chosen)) return chosen;
  return ids.length === 1 ? (ids[0] ?? null) : null;
}

/**
 * What people call the organizations of a session, by their ids: its claims come before what userinfo said at the sign-in.
 *
 * @param kept of the row
 */
export function organizationNames(kept: unknown, claims: Claims): Record<string, string> {
  const told = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
  const entries = [...told, ...namesIn(claims)].filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}

/** What people call an organization; null where that is not known. Own keys only: it may be called "constructor". */
export function nameOfOrganization(names: Readonly<Record<string, string>>, id: string): string | null {
  return Object.hasOwn(names, id) ? (names[id] ?? null) : null;
}

/** The names that claims have for the organizations that they name, bounded, to be kept with a session; null for none. */
export function namesToKeep(userInfo: Claims | null, claims: Claims): Record<string, string> | null {
  const ids = new Set(organizationIds(claims));
  const names = namesIn(userInfo ?? {}).filter(([id]) => ids.has(id));
  return names.length > 0 ? Object.fromEntries(names.slice(0, mostNames)) : null;
}

/** Logto's claim, which others have taken over: a list of objects with `id` and `name`. */
function namesIn({ organization_data: data }: Claims): [string, string][] {
  return (Array.isArray(data) ? data : []).flatMap((item: unknown): [string, string][] => {
    const { id, name } = (typeof item === "object" && item !== null ? item : {}) as Claims;
    if (typeof id !== "string" || id === "" || typeof name !== "string" || name.trim() === "") return [];
    return [[id, name.trim().slice(0, longestName).toWellFormed()]];
  });
}

/**
 * Keeps the organization that a user chose with their session. False where they do not belong to it, by the row as it is at
 * this moment, or where the session has ended.
 */
export async function chooseOrganization(sessionId: string, organization: string): Promise<boolean> {
  const chosen = await db.$executeRaw`
    UPDATE "Session" SET organization = ${organization}
    WHERE id = ${sessionId}::uuid AND "endedAt" IS NULL AND jsonb_typeof(claims -> 'organizations') = 'array'
      AND jsonb_exists(claims -> 'organizations', ${organization})`;
  return chosen === 1;
}

/** Drops a choice, unless another was made meanwhile. */
async function forgetChoice(sessionId: string, organization: string): Promise<void> {
  await db.session.updateMany({ where: { id: sessionId, organization }, data: { organization: null } });
}

/** What a new session begins with: the choice of the one that it replaces, where that was the same user's, and names. */
export async function organizationsToKeep(
  tx: Prisma.TransactionClient,
  {
    sid,
    userId,
    claims,
    userInfo,
  }: { sid: string | undefined; userId: string; claims: Claims; userInfo: Claims | null },
) {
  const former =
    sid === undefined
      ? null
      : await tx.session.findUnique({ where: { sessionToken: sid }, select: { userId: true, organization: true } });
  const choice = former?.userId === userId ? former.organization : null;
  const organization = choice !== null && organizationIds(claims).includes(choice) ? choice : null;
  return { organization, organizationNames: namesToKeep(userInfo, claims) };
}
