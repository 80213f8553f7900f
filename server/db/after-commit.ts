import "server-only";

const waiting = new WeakMap<object, (() => void)[]>();

/** Has `work` done once the transaction `tx` is committed, and never where it is undone. It must not throw. */
export function afterCommit(tx: object, work: () => void): void {
  const works = waiting.get(tx) ?? [];
  works.push(work);
  waiting.set(tx, works);
}

/** Does what waited for `tx`. For whoever committed it. */
export function noteCommit(tx: object): void {
  for (const work of waiting.get(tx) ?? []) work();
  waiting.delete(tx);
}
