import "server-only";
import type { TokenFailure } from "./outcome";

// A provider that says no says so again: asked at every page, it would hear the same question all day, and each answer
// would cost a rotation or an audit row. Whoever was given a permission there waits this long for it.
const rememberedMs = 10_000;
const atMost = 1_000;

type Refusal = Extract<TokenFailure, { kind: "refused" }>;

const held = globalThis as typeof globalThis & { daemunRefusals?: Map<string, { refusal: Refusal; until: number }> };

function remembered() {
  held.daemunRefusals ??= new Map();
  return held.daemunRefusals;
}

/** What the provider said of this token a moment ago in this process, or null. */
export function recallRefusal(key: string, now = Date.now()): Refusal | null {
  const entry = remembered().get(key);
  return entry && entry.until > now ? entry.refusal : null;
}

/** Keeps a refusal for a moment. Bounded: the oldest is forgotten first. */
export function rememberRefusal(key: string, refusal: Refusal, now = Date.now()): void {
  const all = remembered();
  all.delete(key);
  all.set(key, { refusal, until: now + rememberedMs });
  const [oldest] = all.keys();
  if (all.size > atMost && oldest !== undefined) all.delete(oldest);
}
