import "server-only";
import { Prisma } from "@/prisma/generated/client";

/**
 * `LIMIT` with the number in the statement itself: a plan that is made without its values must know how few rows there will be,
 * or it reads whole tables to join them.
 */
export function limit(most: number): Prisma.Sql {
  return Prisma.raw(`LIMIT ${Math.trunc(most)}`);
}
