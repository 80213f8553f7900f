import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { audited } from "../audit/audit";
import { db } from "../db/client";
import { type Actor, auditAct } from "./actor";

// Named one by one, so that a column which is added does not go out by itself. Nothing of these opens anything.
const ofUser = {
  id: true,
  name: true,
  email: true,
  emailVerified: true,
  image: true,
  createdAt: true,
  updatedAt: true,
  disabledAt: true,
  adminSince: true,
  note: true,
  deletionAskedAt: true,
  deletionDueAt: true,
} as const satisfies Prisma.UserSelect;

const ofAccount = {
  provider: true,
  providerAccountId: true,
  issuer: true,
  type: true,
  email: true,
  emailVerified: true,
  createdAt: true,
  lastSignInAt: true,
} as const satisfies Prisma.AccountSelect;

const ofSession = {
  id: true,
  provider: true,
  issuer: true,
  subject: true,
  providerSessionId: true,
  claims: true,
  claimsSource: true,
  appClaims: true,
  givenEmail: true,
  organization: true,
  organizationNames: true,
  roles: true,
  rolesSource: true,
  userInfoRights: true,
  authTime: true,
  issuedAt: true,
  acr: true,
  amr: true,
  device: true,
  deviceId: true,
  userAgent: true,
  ip: true,
  rememberMe: true,
  confirmation: true,
  notices: true,
  createdAt: true,
  lastActiveAt: true,
  idleExpiresAt: true,
  expires: true,
  endedAt: true,
  endReason: true,
  endedBy: true,
} as const satisfies Prisma.SessionSelect;

const ofGrant = {
  id: true,
  sessionId: true,
  provider: true,
  issuer: true,
  service: true,
  subject: true,
  accountLabel: true,
  scope: true,
  userInfo: true,
  userInfoAt: true,
  lastUsedAt: true,
  refreshExpiresAt: true,
  createdAt: true,
  updatedAt: true,
  endedAt: true,
  endReason: true,
  accessTokens: {
    select: {
      resource: true,
      organization: true,
      scope: true,
      grantedScope: true,
      isBound: true,
      expiresAt: true,
      createdAt: true,
    },
  },
} as const satisfies Prisma.GrantSelect;

const ofDevice = {
  id: true,
  name: true,
  network: true,
  createdAt: true,
  lastSeenAt: true,
} as const satisfies Prisma.DeviceSelect;

const ofRevocation = {
  provider: true,
  issuer: true,
  subject: true,
  createdAt: true,
  expiresAt: true,
} as const satisfies Prisma.RevocationSelect;

const ofWebhook = {
  id: true,
  event: true,
  data: true,
  at: true,
  deliveredAt: true,
} as const satisfies Prisma.WebhookMessageSelect;

const batch = 500;

/**
 * Everything that rows say of a user, as the text of one JSON object, piece by piece: lists are read by key, so that what is
 * held at a time does not grow with them. Tokens, keys and what opens a session are left out. Written down before it begins.
 *
 * @returns null where there is no such user
 */
export async function exportUser(
  userId: string,
  { actor }: { actor: Actor },
): Promise<AsyncGenerator<string, void> | null> {
  const user = await audited(async (tx, audit) => {
    const found = await tx.user.findUnique({ where: { id: userId }, select: ofUser });
    if (!found) return null;
    if (actor.kind === "self")
      await audit({ event: "account.exported", outcome: "success", userId, sessionHash: actor.sessionHash });
    await auditAct(audit, actor, { act: "export", userId });
    return found;
  });
  return user && write(user);
}

async function* write(user: Prisma.UserGetPayload<{ select: typeof ofUser }>): AsyncGenerator<string, void> {
  const userId = user.id;
  yield `{\n"exportedAt": ${JSON.stringify(new Date())},\n"user": ${JSON.stringify(user)}`;
  yield* list("accounts", await db.account.findMany({ where: { userId }, select: ofAccount }));
  yield* list("devices", await db.device.findMany({ where: { userId }, select: ofDevice }));
  yield* listByKey("sessions", (after) =>
    db.session.findMany({ where: { userId, ...above(after) }, select: ofSession, orderBy: { id: "asc" }, take: batch }),
  );
  for (const [name, service] of [
    ["grants", null],
    ["connections", { not: null }],
  ] as const)
    yield* listByKey(name, (after) =>
      db.grant.findMany({
        where: { userId, service, ...above(after) },
        select: ofGrant,
        orderBy: { id: "asc" },
        take: batch,
      }),
    );
  yield* list("revocationsUnderWay", await db.revocation.findMany({ where: { userId }, select: ofRevocation }));
  yield* listByKey("webhookMessages", (after) =>
    db.webhookMessage.findMany({
      where: { userId, ...above(after) },
      select: ofWebhook,
      orderBy: { id: "asc" },
      take: batch,
    }),
  );
  yield* listByKey("activity", (after) => auditRows(userId, after));
  yield "\n}\n";
}

function above(id: string | null) {
  return id === null ? {} : { id: { gt: id } };
}

interface AuditPage {
  id: string;
  [column: string]: unknown;
}

/** By the key of an index, (userId, at); rows of one moment by their number, which stays here. */
async function auditRows(userId: string, after: string | null): Promise<AuditPage[]> {
  const [at, id] = (after ?? "").split(" ");
  const rows = await db.auditEvent.findMany({
    where: {
      userId,
      ...(at && id && { at: { gte: new Date(at) }, OR: [{ at: { gt: new Date(at) } }, { id: { gt: BigInt(id) } }] }),
    },
    orderBy: [{ at: "asc" }, { id: "asc" }],
    take: batch,
  });
  return rows.map(({ id: number, userId: _, detail, ...row }) => ({
    id: `${row.at.toISOString()} ${number}`,
    at: row.at,
    event: row.event,
    outcome: row.outcome,
    reason: row.reason,
    session: row.sessionHash,
    provider: row.provider,
    issuer: row.issuer,
    // Where somebody else was at work, these are theirs.
    ...(isByOthers(detail) ? {} : { ip: row.ip, userAgent: row.userAgent }),
    requestId: row.requestId,
    detail: withoutOthers(detail),
  }));
}

/** Whether a row is of something that an administrator or an operator did. */
function isByOthers(detail: Prisma.JsonValue): boolean {
  return typeof detail === "object" && detail !== null && "actor" in detail;
}

/** Who it was is the administrator's own business. */
function withoutOthers(detail: Prisma.JsonValue): Prisma.JsonValue {
  if (!isByOthers(detail)) return detail;
  const { by: _, ...rest } = detail as Prisma.JsonObject;
  return rest as Prisma.JsonObject;
}

function* list(name: string, rows: readonly unknown[]): Generator<string, void> {
  yield `,\n"${name}": [${rows.map((row) => `\n${JSON.stringify(row)}`).join(",")}\n]`;
}

/** The rows behind the last one seen, until a batch is not full. */
async function* listByKey<Row extends { id: string }>(
  name: string,
  read: (after: string | null) => Promise<Row[]>,
): AsyncGenerator<string, void> {
  yield `,\n"${name}": [`;
  for (let after: string | null = null, count = 0; ; ) {
    const rows: Row[] = await read(after);
    for (const { id, ...row } of rows) {
      after = id;
      // The key of an audit row says nothing but its place in all of them.
      const shown = name === "activity" ? row : { id, ...row };
      yield `${count === 0 ? "" : ","}\n${JSON.stringify(shown)}`;
      count += 1;
    }
    if (rows.length < batch) break;
  }
  yield "\n]";
}
