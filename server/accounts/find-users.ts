import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { db } from "../db/client";

/** A user as operators see one in a list. */
export interface FoundUser {
  id: string;
  name: string | null;
  email: string | null;
  createdAt: Date;
  adminSince: Date | null;
  disabledAt: Date | null;
  deletionDueAt: Date | null;
  accounts: { provider: string; providerAccountId: string; lastSignInAt: Date | null }[];
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The users that a text may mean: by their id, by an address, or by `<provider>:<sub>`. All that fit, so that whoever acts on
 * one can refuse what is ambiguous: an id here may be a subject there.
 */
export function findUsers(text: string): Promise<FoundUser[]> {
  const asked = text.trim();
  const at = asked.indexOf(":");
  const ways: Prisma.UserWhereInput[] = [
    ...(uuid.test(asked) ? [{ id: asked.toLowerCase() }] : []),
    ...(asked.includes("@") ? [{ email: asked.toLowerCase() }] : []),
    ...(at > 0
      ? [{ accounts: { some: { provider: asked.slice(0, at), providerAccountId: asked.slice(at + 1) } } }]
      : []),
  ];
  if (ways.length === 0) return Promise.resolve([]);
  return db.user.findMany({
    where: { OR: ways },
    select: {
      id: true,
      name: true,
      email: true,
      createdAt: true,
      adminSince: true,
      disabledAt: true,
      deletionDueAt: true,
      accounts: {
        select: { provider: true, providerAccountId: true, lastSignInAt: true },
        orderBy: { createdAt: "asc" },
      },
    },
    orderBy: { createdAt: "asc" },
    take: 10,
  });
}
