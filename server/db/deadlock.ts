import "server-only";
import { Prisma } from "@/prisma/generated/client";

/** Whether PostgreSQL undid a transaction for the sake of another one, so that it may simply be run again. */
export function isDeadlock(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (error.code === "P2034") return true;
  // In a statement of our own it is told as any failure of one (P2010), with what the driver called it inside.
  const { driverAdapterError } = (error.meta ?? {}) as { driverAdapterError?: { cause?: { kind?: unknown } } };
  return driverAdapterError?.cause?.kind === "TransactionWriteConflict";
}
