import "server-only";
import { Prisma } from "@/prisma/generated/client";

/** Whether another had written the same first, so that what was written is to be judged again. */
export function isUniqueConflict(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (error.code === "P2002") return true;
  // In a statement of our own it is told as any failure of one (P2010), with what the driver called it inside.
  const { driverAdapterError } = (error.meta ?? {}) as { driverAdapterError?: { cause?: { kind?: unknown } } };
  return driverAdapterError?.cause?.kind === "UniqueConstraintViolation";
}
