import "server-only";
import { z } from "zod";

// A transaction takes its ids long before it commits, and another that took later ones may commit first.
const gapSchema = z.object({
  /** The first and the last id of the gap. */
  from: z.int(),
  to: z.int(),
  /** The number of the first transaction that began after this gap was seen: one that has an id of it has a lower number. */
  before: z.coerce.bigint(),
  /** When it was seen, in milliseconds by the database's clock. */
  seenAt: z.number(),
});

/** Ids below the newest sealed one whose rows nobody has seen yet. */
export type Gap = z.infer<typeof gapSchema>;

export const gapsSchema = z.array(gapSchema);

/** Where the database's transactions are. */
export interface Horizon {
  /** Every transaction with a lower number has ended. */
  oldest: bigint;
  /** In milliseconds by the database's clock. */
  now: number;
}

// An id is taken a moment before its transaction gets a number. Where the insertion had to wait in between, for minutes.
const leastMs = 3_600_000;
// Of many, those that nobody can fill as far as numbers tell are forgotten at once.
const mostKept = 10_000;

/** The ids between `after` and `upTo`, that one included, which are not among `ids`, in ascending order as they are. */
export function missingBetween(after: number, ids: readonly number[], upTo: number): { from: number; to: number }[] {
  const missing: { from: number; to: number }[] = [];
  let next = after + 1;
  for (const id of [...ids, upTo + 1]) {
    if (id > next) missing.push({ from: next, to: id - 1 });
    next = id + 1;
  }
  return missing;
}

/**
 * What is left of gaps, without the ids that were found, and without gaps that nobody can fill any more: every transaction
 * that was under way when they were seen has ended, as `horizon` says, which was asked before looking for rows.
 */
export function narrow(gaps: readonly Gap[], found: readonly number[], horizon: Horizon): Gap[] {
  const isMany = gaps.length > mostKept;
  return gaps.flatMap((gap) => {
    const within = found.filter((id) => id >= gap.from && id <= gap.to);
    const left = missingBetween(gap.from - 1, within, gap.to).map((range) => ({ ...gap, ...range }));
    const isOver = gap.before <= horizon.oldest && (isMany || horizon.now - gap.seenAt > leastMs);
    return isOver ? [] : left;
  });
}
