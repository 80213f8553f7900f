import { certainEnds, type History, hadFault, type Violation } from "./history";
import type { Refresh, Rotation } from "./provider-facts";

/** What the provider saw, beside what users did. */
export interface LeaseFacts extends Pick<History, "lives" | "endings" | "faults" | "handed" | "renewed" | "served"> {
  refreshes: readonly Refresh[];
  rotations: readonly Rotation[];
  /** The target of the tokens that services get. */
  servedTarget: string;
}

/**
 * Judges a record of refreshes and of handed out tokens: at most one refresh of a grant lives at a time, no refresh token
 * is spent twice, each access token goes to its own session and target, nobody gets one that is older than another was
 * given before, and an ended session gets none.
 */
export function judgeLease(facts: LeaseFacts): Violation[] {
  return [
    ...overlaps(facts),
    ...spentTwice(facts),
    ...misplaced(facts),
    ...stale(facts),
    ...notRenewed(facts),
    ...afterTheEnd(facts),
  ];
}

const byBegin = (a: { begin: number }, b: { begin: number }) => a.begin - b.begin;

function groups<T>(list: readonly T[], keyOf: (item: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const item of list) {
    const group = found.get(keyOf(item));
    if (group) group.push(item);
    else found.set(keyOf(item), [item]);
  }
  return [...found.values()];
}

function overlaps({ refreshes }: LeaseFacts): Violation[] {
  return groups(refreshes, ({ grant }) => grant).flatMap((ofGrant) => {
    let latest = Number.NEGATIVE_INFINITY;
    return [...ofGrant].sort(byBegin).flatMap(({ begin, end }) => {
      const isAlone = begin >= latest;
      latest = Math.max(latest, end ?? Number.POSITIVE_INFINITY);
      return isAlone ? [] : [{ rule: "one refresh at a time", what: "two refreshes of a grant overlap", at: begin }];
    });
  });
}

function spentTwice({ refreshes, faults }: LeaseFacts): Violation[] {
  return groups(refreshes, ({ token }) => token).flatMap((ofToken) => {
    const inOrder = [...ofToken].sort(byBegin);
    const at = inOrder.findIndex(({ outcome }) => outcome === "renewed");
    const [first, second] = at === -1 ? [] : inOrder.slice(at);
    if (!first || !second) return [];
    // Killed before it was written down: nobody knows it any more (RF-07).
    const span = { begin: first.begin, end: second.begin };
    if (hadFault(faults, ["kill"], span)) return [];
    return [{ rule: "no token twice", what: "a refresh token was sent again after its answer", at: second.begin }];
  });
}

/** Each access token that somebody had, by whom and for what. */
function sightings({ handed, served, servedTarget }: LeaseFacts) {
  return [
    ...handed.map(({ session, target, sha256, begin }) => ({ session, target, sha256, begin, where: "a page" })),
    ...served.map(({ session, sha256, begin }) => ({
      session,
      target: servedTarget,
      sha256,
      begin,
      where: "a service",
    })),
  ];
}

function misplaced(facts: LeaseFacts): Violation[] {
  const rotations = new Map(facts.rotations.map((rotation) => [rotation.sha256, rotation]));
  const lives = new Map(facts.lives.map((life) => [life.session, life]));
  const others = facts.served.flatMap(({ session, userId, begin }) =>
    lives.get(session)?.userId === userId
      ? []
      : [{ rule: "own token", what: "a service was told of another user", at: begin }],
  );
  const tokens = sightings(facts).flatMap(({ session, target, sha256, begin, where }) => {
    const rotation = rotations.get(sha256);
    const faultOf = () => {
      if (!rotation) return "that the provider never gave out";
      if (rotation.grant !== lives.get(session)?.grant) return "of another session";
      return rotation.target === target ? null : `for "${rotation.target}" in place of "${target}"`;
    };
    const fault = faultOf();
    return fault === null ? [] : [{ rule: "own token", what: `${where} got a token ${fault}`, at: begin }];
  });
  const names = [...facts.handed, ...facts.served].flatMap(({ session, sub, begin }) =>
    sub === null || sub === lives.get(session)?.user
      ? []
      : [{ rule: "own token", what: "a token names another user", at: begin }],
  );
  return [...others, ...tokens, ...names];
}

function stale({ handed, rotations }: LeaseFacts): Violation[] {
  const numbers = new Map(rotations.map(({ sha256, number }) => [sha256, number]));
  const numberOf = ({ sha256 }: { sha256: string }) => numbers.get(sha256) ?? Number.POSITIVE_INFINITY;
  return groups(handed, ({ session, target }) => `${session} ${target}`).flatMap((ofTarget) => {
    const byEnd = [...ofTarget].filter(({ sha256 }) => numbers.has(sha256)).sort((a, b) => a.end - b.end);
    let newest = -1;
    let at = 0;
    return [...ofTarget].sort(byBegin).flatMap((asked) => {
      for (let known = byEnd[at]; known && known.end < asked.begin; known = byEnd[at]) {
        newest = Math.max(newest, numberOf(known));
        at += 1;
      }
      if (numberOf(asked) >= newest) return [];
      const what = `a token of rotation ${numberOf(asked)} was handed out after one of rotation ${newest}`;
      return [{ rule: "never an older token", what, at: asked.begin }];
    });
  });
}

/** Whoever had a refresh done gets nothing any more that was there before they asked for it. */
function notRenewed({ handed, renewed, rotations, lives }: LeaseFacts): Violation[] {
  const numbers = new Map(rotations.map(({ sha256, number }) => [sha256, number]));
  const grants = new Map(lives.map(({ session, grant }) => [session, grant]));
  return renewed.flatMap(({ session, target, begin, end }) => {
    const before = rotations.filter(
      (rotation) => rotation.grant === grants.get(session) && rotation.target === target && rotation.at < begin,
    );
    const newest = Math.max(-1, ...before.map(({ number }) => number));
    const isOlder = (given: (typeof handed)[number]) =>
      given.session === session &&
      given.target === target &&
      given.begin > end &&
      (numbers.get(given.sha256) ?? newest) < newest;
    const what = `after a refresh a token was handed out that is older than rotation ${newest}, which was there before it`;
    return handed.filter(isOlder).map(({ begin: at }) => ({ rule: "never an older token", what, at }));
  });
}

function afterTheEnd(facts: LeaseFacts): Violation[] {
  const ends = certainEnds(facts);
  return sightings(facts).flatMap(({ session, begin, where }) => {
    const isOver = begin > (ends.get(session) ?? Number.POSITIVE_INFINITY);
    return isOver ? [{ rule: "none after the end", what: `${where} got a token of an ended session`, at: begin }] : [];
  });
}
