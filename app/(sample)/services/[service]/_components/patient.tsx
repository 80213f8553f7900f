import { setTimeout as sleep } from "node:timers/promises";
import { type ReactNode, Suspense } from "react";
import { PageSkeleton } from "./page-skeleton";

interface PatientProps<T> {
  reading: Promise<T>;
  heading: string;
  address: string;
  query: Record<string, string | string[] | undefined>;
  children: (value: T) => ReactNode;
}

// Nobody minds so long. A page that is whole is read without JavaScript too, and nothing in it moves.
const skeletonDelayMs = 600;

/** Waits for a service a little, and if it is slow sends a skeleton ahead. */
export async function Patient<T>({ reading, heading, address, query, children }: PatientProps<T>) {
  const contents = <Awaited reading={reading}>{children}</Awaited>;
  if (query.wait === "1") return contents;
  const late = Symbol();
  if ((await Promise.race([reading, sleep(skeletonDelayMs, late)])) !== late) return contents;
  const completeHref = `${address}${address.includes("?") ? "&" : "?"}wait=1`;
  return <Suspense fallback={<PageSkeleton heading={heading} completeHref={completeHref} />}>{contents}</Suspense>;
}

async function Awaited<T>({ reading, children }: { reading: Promise<T>; children: (value: T) => ReactNode }) {
  return children(await reading);
}
