import { isExcused, saysWhen } from "./excuses";
import {
  type Asked,
  certainEnds,
  type History,
  hadFault,
  type Life,
  mayHaveEnded,
  type Stream,
  type Violation,
} from "./history";
import type { Refresh } from "./provider-facts";

/** Longer than any limit of the app, on a machine that is busy with other things. */
export const answerWithinMs = 30_000;
// A process that was killed is found dead by its connections a moment later.
const cutAfterMs = 2_000;

export interface AnswerFacts extends History {
  refreshes: readonly Refresh[];
  /** Within how long a stream ends after its session; null where that is not promised. */
  streamsEndWithinMs: number | null;
}

/**
 * Judges every answer: it names its user alone, comes in time, opens nothing once the session is over, signs nobody out
 * while it lives, and is an error only where a fault explains it.
 */
export function judgeAnswers(facts: AnswerFacts): Violation[] {
  const ends = certainEnds(facts);
  const lives = new Map(facts.lives.map((life) => [life.session, life]));
  const refusals = firstRefusals(facts.refreshes);
  const answers = facts.asked.flatMap((asked) => {
    const life = asked.session === null ? undefined : lives.get(asked.session);
    const endedAt = life && ends.get(life.session);
    const faults = [foreign(asked), late(asked), opened(asked, endedAt), unexplained(facts, asked, life, refusals)];
    return faults.flatMap((fault) =>
      fault ? [{ ...fault, what: `${answerOf(asked)}: ${fault.what}`, at: asked.begin }] : [],
    );
  });
  const streams = facts.streams.flatMap((stream) => {
    const fault = streamFault(facts, stream, lives.get(stream.session), ends.get(stream.session));
    return fault ? [{ ...fault, at: stream.begin }] : [];
  });
  return [...answers, ...streams];
}

type Finding = Omit<Violation, "at"> | null;

function answerOf({ what, instance, status, code }: Asked): string {
  return `${what} at instance ${instance} (${status ?? "no answer"}${code === null ? "" : `, ${code}`})`;
}

// What says who is asking. Their lists may be empty, and other answers are about tokens.
const aboutTheUser: readonly string[] = ["GET /api/me", "GET /account"];

function foreign({ user, names, what, status }: Asked): Finding {
  if (names.some((name) => name !== user)) return { rule: "own answers", what: "names another user" };
  const isSilent = status === 200 && aboutTheUser.includes(what) && names.length === 0;
  return isSilent ? { rule: "own answers", what: "names nobody" } : null;
}

function late({ begin, end }: Asked): Finding {
  const isLate = end - begin > answerWithinMs;
  return isLate ? { rule: "answered in time", what: `took ${end - begin} ms` } : null;
}

function opened({ outcome, begin }: Asked, endedAt = Number.POSITIVE_INFINITY): Finding {
  if (outcome !== "ok" || begin <= endedAt) return null;
  return { rule: "no session after its end", what: `was answered ${begin - endedAt} ms after the end` };
}

function unexplained(
  facts: AnswerFacts,
  asked: Asked,
  life: Life | undefined,
  refusals: ReadonlyMap<string, number>,
): Finding {
  const { outcome, begin, end, instance, code, status, retryAfter } = asked;
  switch (outcome) {
    case "ok":
      return null;
    case "cut":
      return isCutByFault(facts, { begin, end, instance })
        ? null
        : { rule: "answered in time", what: "was cut though its instance lives" };
    case "refused": {
      if (!life || mayHaveEnded(facts.endings, life, end)) return null;
      if ((refusals.get(life.grant) ?? Number.POSITIVE_INFINITY) <= end) return null;
      return { rule: "nobody is signed out by chaos", what: "a living session was refused" };
    }
    case "failed": {
      // Nobody is signed in there, and nobody said so.
      if (status === 401 && asked.session === null) return null;
      if (code === "signed_out_by_provider" && hasLogout(facts, asked)) return null;
      if (code === null || !isExcused(facts, code, { begin, end }))
        return { rule: "errors are explained", what: "nothing explains it" };
      const hasToSay = status !== null && status >= 500 && saysWhen.includes(code);
      return hasToSay && retryAfter === null
        ? { rule: "errors are explained", what: "does not say when to try again" }
        : null;
    }
  }
}

/** A connection that is kept may be closed just when it is used again, where the machine is slow to tell. */
function isCutByFault(
  { faults }: Pick<History, "faults">,
  { instance, ...span }: { begin: number; end: number; instance: number },
): boolean {
  const isKilled = hadFault(faults, ["kill"], { ...span, instance, afterMs: cutAfterMs });
  return isKilled || hadFault(faults, ["starved"], { ...span, afterMs: cutAfterMs });
}

/** A logout that overtook a sign-in. */
function hasLogout({ endings }: History, { user, begin, end }: Asked): boolean {
  return endings.some(
    (ending) =>
      ending.by === "back channel" &&
      ending.user === user &&
      ending.begin <= end &&
      (ending.end ?? end) >= begin - 60_000,
  );
}

/** When the provider first refused a refresh of each grant. */
function firstRefusals(refreshes: readonly Refresh[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { grant, begin, outcome } of refreshes) {
    if (outcome === "refused") first.set(grant, Math.min(begin, first.get(grant) ?? begin));
  }
  return first;
}

function streamFault(
  { faults, endings, streamsEndWithinMs }: AnswerFacts,
  { begin, end, endedBy, instance, lastEvent }: Stream,
  life: Life | undefined,
  endedAt = Number.POSITIVE_INFINITY,
): Finding {
  if (streamsEndWithinMs !== null && lastEvent > endedAt + streamsEndWithinMs)
    return { rule: "streams end with their session", what: `a stream went on for ${lastEvent - endedAt} ms` };
  if (endedBy !== "app" || end === null || (life && mayHaveEnded(endings, life, end))) return null;
  const span = { begin, end, instance };
  const isExplained = isCutByFault({ faults }, span) || hadFault(faults, ["database"], { begin, end });
  return isExplained ? null : { rule: "answered in time", what: "a stream of a living session was cut" };
}
