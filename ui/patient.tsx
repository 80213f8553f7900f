import { setTimeout as sleep } from "node:timers/promises";
import { type ReactNode, Suspense } from "react";

interface PatientProps<T> {
  reading: Promise<T>;
  /** Whether the whole page is waited for, whatever it takes. */
  isWhole: boolean;
  /** What stands there meanwhile. */
  fallback: ReactNode;
  children: (value: T) => ReactNode;
}

// Nobody minds so long. A page that is whole is read without JavaScript too, and nothing in it moves.
const skeletonDelayMs = 600;

/** Waits a little for what comes over the network; where that is slow, the page goes out, and what is missing follows it. */
export async function Patient<T>({ reading, isWhole, fallback, children }: PatientProps<T>) {
  const contents = <Awaited reading={reading}>{children}</Awaited>;
  if (isWhole) return contents;
  const late = Symbol();
  if ((await Promise.race([reading, sleep(skeletonDelayMs, late)])) !== late) return contents;
  return <Suspense fallback={fallback}>{contents}</Suspense>;
}

async function Awaited<T>({ reading, children }: { reading: Promise<T>; children: (value: T) => ReactNode }) {
  return children(await reading);
}
