import "server-only";
import { randomBytes } from "node:crypto";
import { idleDeadlineFrom, type SessionClaims } from "@/edge/session-cookie";
import type { Prisma } from "@/prisma/generated/client";
import { getRequestContext } from "../http/request-context";
import { describeDevice } from "./device";
import { rolesForGates, sessionPolicy } from "./policy";

export interface NewSession {
  userId: string;
  provider: string;
  issuer: string;
  subject: string;
  providerSessionId: string | null;
  claims: Prisma.InputJsonObject;
  claimsSource: "id-token" | "userinfo";
  roles: string[];
  authTime: Date;
  acr: string | null;
  amr: string[];
}

/** Writes the row of a new sign-in, in the caller's transaction. Answers the row's id and the claims for its cookie. */
export async function openSession(
  tx: Prisma.TransactionClient,
  session: NewSession,
  now: Date,
): Promise<{ id: string; claims: SessionClaims }> {
  const { idleSeconds, absoluteSeconds } = sessionPolicy();
  const context = getRequestContext();
  const issuedAt = Math.floor(now.getTime() / 1000);
  const absoluteDeadline = issuedAt + absoluteSeconds;
  // 256 bits from the system's generator: a session id is only as secret as it is random.
  const sid = randomBytes(32).toString("base64url");
  const { id } = await tx.session.create({
    data: {
      ...session,
      sessionToken: sid,
      expires: new Date(absoluteDeadline * 1000),
      idleExpiresAt: new Date(Math.min(now.getTime() + idleSeconds * 1000, absoluteDeadline * 1000)),
      idleSeconds,
      device: describeDevice(context?.userAgent ?? null),
      userAgent: context?.userAgent ?? null,
      ip: context?.address ?? null,
      createdAt: now,
      lastActiveAt: now,
    },
    select: { id: true },
  });
  return {
    id,
    claims: {
      sub: session.userId,
      sid,
      provider: session.provider,
      roles: rolesForGates(session.roles),
      authTime: Math.floor(session.authTime.getTime() / 1000),
      issuedAt,
      idleSeconds,
      idleDeadline: idleDeadlineFrom(issuedAt, idleSeconds, absoluteDeadline),
      absoluteDeadline,
    },
  };
}
