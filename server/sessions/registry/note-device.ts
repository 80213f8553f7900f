import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import type { Audit } from "../../audit/audit";
import { getRequestContext, type RequestContext } from "../../http/request-context";
import { hashDeviceId } from "../cookies/device-cookie";
import { describeDevice } from "./device";
import { placeOf } from "./short-address";

/** What a session tells its user on every page until they dismiss it. */
export type NoticeKind = "new_device" | "deletion_undone";

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
  notices: readonly NoticeKind[];
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
  if (isNew) {
    const told: NoticeKind = "new_device";
    await tx.$executeRaw`
      UPDATE "Device" SET notices = array_append(notices, ${told})
      WHERE "userId" = ${userId}::uuid AND NOT coalesce(${told} = ANY(notices), false)`;
    await tx.$executeRaw`
      UPDATE "Session" SET notices = array_append(notices, ${told})
      WHERE "userId" = ${userId}::uuid AND "endedAt" IS NULL AND NOT coalesce(${told} = ANY(notices), false)`;
    await audit({
      event: "session.new_device",
      outcome: "success",
      userId,
      sid,
      provider,
      issuer,
      detail: placeDetail(),
    });
  }
  const waiting = new Set<string>([...(alike?.notices ?? []), ...(isNew ? ["new_device"] : []), ...notices]);
  const device = await tx.device.upsert({
    where: { userId_tokenHash: { userId, tokenHash } },
    create: { userId, tokenHash, ...traits, notices: [...waiting], createdAt: now, lastSeenAt: now },
    update: { ...traits, notices: [...waiting], lastSeenAt: now },
    select: { id: true },
  });
  await tx.session.update({ where: { id: sessionId }, data: { deviceId: device.id, notices: [...waiting] } });
  const forgotten = known.filter(({ id }) => id !== device.id).slice(mostDevices - 1);
  if (forgotten.length > 0) await tx.device.deleteMany({ where: { id: { in: forgotten.map(({ id }) => id) } } });
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
