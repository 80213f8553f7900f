import { canStay, type Deadlines, endOf, secondsUntil, warningMs } from "./deadlines";

/** Why nothing of the page may be shown any more. */
export type Ending =
  /** It ended, by its idle time or by somebody's hand. */
  | "ended"
  /** It came to its absolute end. */
  | "expired"
  | "signed-out"
  /** Another sign-in took its place in this browser. */
  | "replaced"
  /** Its end has come, and the server could not be asked whether that is still so. */
  | "unreachable"
  /** It could be asked later, and the session lives. */
  | "found-again";

export type WatchView =
  | { kind: "quiet" }
  | {
      kind: "warning";
      canStay: boolean;
      secondsLeft: number;
      /** How long the whole warning is. */
      seconds: number;
      isStaying: boolean;
      isUnreachable: boolean;
    }
  | { kind: "over"; why: Ending };

/** What a tab knows that decides what it shows. */
export interface Known {
  deadlines: Deadlines;
  idleSeconds: number;
  /** The server's time. */
  now: number;
  /** The end that the person wants to hear no more of. */
  dismissedEnd: number | null;
  /** Whether the server is being asked whether the end is still where it was. */
  isAsking: boolean;
  isStaying: boolean;
  isUnreachable: boolean;
}

/** What to show after `view` while the session lives. A warning does not begin while the server is asked; one that runs goes on. */
export function nextView(view: WatchView, known: Known): WatchView {
  const { deadlines, now, isStaying, isUnreachable } = known;
  const end = endOf(deadlines);
  const warning = warningMs(known.idleSeconds);
  const isOpen = view.kind === "warning" || !known.isAsking;
  if (now < end - warning || known.dismissedEnd === end || !isOpen) return { kind: "quiet" };
  return {
    kind: "warning",
    canStay: canStay(deadlines),
    secondsLeft: secondsUntil(end, now),
    seconds: Math.ceil(warning / 1000),
    isStaying,
    isUnreachable,
  };
}

/** How a session ended that was over at `at`, by the server's clock. */
export function endingAt(at: number, { expires }: Deadlines): Ending {
  return at >= expires ? "expired" : "ended";
}
