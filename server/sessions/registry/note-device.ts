import "server-only";
import { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { getRequestContext, type RequestContext } from "../../http/request-context";
import { hashDeviceId } from "../cookies/device-cookie";
import { describeDevice } from "./device";
import { placeOf } from "./short-address";

/** What a session tells its user on every page until they dismiss it; of a new device, with the id of its row. */
export type Notice = "deletion_undone" | `new_device:${string}`;

// The last ones are told; whoever signs in from ever new devices fills no row.
const mostNotices = 10;

// Of a user; the one seen longest ago is forgotten for another.
const mostDevices = 50;

interface Begun {
  userId: string;
  /** The session that begins on it, whose row is written. */
  sessionId: string;
  sid: string;
  provider: string;
  issuer: string;
  /** The id in the browser's cookie. */
  deviceId: string;
  /** What this sign-in has to tell besides. */
  notices: readonly Notice[];
}

/**
 * Writes down which device a session began on, in the transaction of the sign-in, which holds the lock on its user. A device
 * that they have not had is told on all of their devices: in living sessions at once, elsewhere after the next sign-in there.
 */
export async function noteDevice(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { userId, sessionId, deviceId, notices, sid, provider, issuer }: Begun,
  now: Date,
): Promise<void> {
  const traits = traitsOf(getRequestContext());
  const tokenHash = hashDeviceId(deviceId, userId);
  const known = await tx.device.findMany({ where: { userId }, orderBy: { lastSeenAt: "desc" } });
  const own = known.find((device) => device.tokenHash === tokenHash);
  const alike = own ?? known.find(({ name, network }) => name === traits.name && network === traits.network);
  // With nothing to compare it with, of a first sign-in say, nobody would learn anything.
  const isNew = !alike && known.length > 0;
  const device = await tx.device.upsert({
    where: { userId_tokenHash: { userId, tokenHash } },
    create: { userId, tokenHash, ...traits, notices: alike?.notices ?? [], createdAt: now, lastSeenAt: now },
    update: { ...traits, lastSeenAt: now },
    select: { id: true, notices: true },
  });
  await tx.session.update({ where: { id: sessionId }, data: { deviceId: device.id, notices: device.notices } });
  if (isNew) {
    await audit({
      event: "session.new_device",
      outcome: "success",
      userId,
      sid,
      provider,
      issuer,
      detail: placeDetail(),
    });
    await tell(tx, userId, `new_device:${device.id}`);
  }
  for (const notice of notices) await tell(tx, userId, notice);
  const forgotten = known.filter(({ id }) => id !== device.id).slice(mostDevices - 1);
  if (forgotten.length > 0) await tx.device.deleteMany({ where: { id: { in: forgotten.map(({ id }) => id) } } });
}

/** On all devices of a user: in the sessions that live, and in those that will begin there. */
async function tell(tx: Prisma.TransactionClient, userId: string, notice: Notice): Promise<void> {
  const added = Prisma.sql`
    notices = (coalesce(notices, '{}') || ${notice}::text)[greatest(1, cardinality(notices) + 2 - ${mostNotices}::int):]`;
  await tx.$executeRaw`UPDATE "Device" SET ${added} WHERE "userId" = ${userId}::uuid`;
  await tx.$executeRaw`UPDATE "Session" SET ${added} WHERE "userId" = ${userId}::uuid AND "endedAt" IS NULL`;
}

/** What the audit row of a sign-in keeps of where it came from, as far as the host says. */
export function placeDetail(): { country?: string; city?: string } {
  const { country, city } = getRequestContext()?.place ?? {};
  return { ...(country && { country }), ...(city && { city }) };
}

/**
 * By what a browser without its cookie is taken for one that was there: the same kind, in the same network. So private
 * windows at home alarm nobody, and a stranger elsewhere does.
 */
function traitsOf(context: RequestContext | null): { name: string | null; network: string } {
  const place = placeOf(context?.address ?? null);
  return {
    name: describeDevice(context?.userAgent ?? null),
    network: place.kind === "network" ? place.address : place.kind,
  };
}
