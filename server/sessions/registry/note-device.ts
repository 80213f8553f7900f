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

/** The device that a session begins on. */
export interface KnownDevice {
  id: string;
  /** What its user has not dismissed on it yet. */
  notices: string[];
  /** Whether its user has not had it, and has had others. */
  isNew: boolean;
}

/** A session that has just begun. */
export interface Begun {
  userId: string;
  sid: string;
  provider: string;
  issuer: string;
  device: KnownDevice;
  /** What this sign-in has to tell besides. */
  notices: readonly Notice[];
}

/**
 * Writes down that a user signs in on this device, in the transaction of the sign-in, which holds the lock on its user. Before
 * the session, whose row names it.
 *
 * @param deviceId the id in the browser's cookie
 */
export async function knowDevice(
  tx: Prisma.TransactionClient,
  { userId, deviceId }: { userId: string; deviceId: string },
  now: Date,
): Promise<KnownDevice> {
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
  const forgotten = known.filter(({ id }) => id !== device.id).slice(mostDevices - 1);
  if (forgotten.length > 0) await tx.device.deleteMany({ where: { id: { in: forgotten.map(({ id }) => id) } } });
  return { ...device, isNew };
}

/**
 * Tells of a device that a user has not had on all of their devices, once the session is there: in living sessions at once,
 * elsewhere after the next sign-in there.
 */
export async function tellOfDevice(
  tx: Prisma.TransactionClient,
  audit: Audit,
  { userId, sid, provider, issuer, device, notices }: Begun,
): Promise<void> {
  if (device.isNew) {
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
