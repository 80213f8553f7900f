import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { type DeviceKind, deviceKindOf } from "../sessions/registry/device";
import { passedDeadline } from "../sessions/registry/passed-deadline";
import { type Place, placeOf } from "../sessions/registry/short-address";

/** A session that nobody has ended. Holds nothing that opens anything. */
export interface LiveSession {
  /** The public id. */
  id: string;
  provider: string;
  device: string | null;
  deviceKind: DeviceKind;
  place: Place;
  createdAt: Date;
  lastActiveAt: Date;
  rememberMe: boolean;
  /** Whether a deadline has passed, which the next request or the sweep writes down. */
  isOver: boolean;
}

/** What of its row is read for it. */
export const sessionColumns = {
  id: true,
  provider: true,
  device: true,
  userAgent: true,
  ip: true,
  createdAt: true,
  lastActiveAt: true,
  rememberMe: true,
  idleExpiresAt: true,
  expires: true,
  expiresBy: true,
} as const satisfies Prisma.SessionSelect;

export type SessionColumns = Prisma.SessionGetPayload<{ select: typeof sessionColumns }>;

/** A row as lists show it. */
export function listedSession(row: SessionColumns, now: Date): LiveSession {
  const { id, provider, device, userAgent, ip, createdAt, lastActiveAt, rememberMe } = row;
  return {
    ...{ id, provider, device, createdAt, lastActiveAt, rememberMe },
    deviceKind: deviceKindOf(userAgent),
    place: placeOf(ip),
    isOver: passedDeadline(row, now) !== null,
  };
}
