/**
 * What happened in a run, with its begin and its end. Every time is in milliseconds since 1970 by the clock of one process,
 * which is that of the users, the provider and the services alike. Tokens are hashes here.
 */
export interface History {
  asked: Asked[];
  lives: Life[];
  endings: Ending[];
  faults: Fault[];
  handed: Handed[];
  renewed: Renewed[];
  served: Served[];
  streams: Stream[];
}

/** One request to the app, up to its answer. */
export interface Asked {
  /** The word that occurs in everything of this user, and nowhere else. */
  user: string;
  /** The session that the cookie names, as the audit trail does; null where the answer does not depend on one. */
  session: string | null;
  instance: number;
  what: string;
  begin: number;
  end: number;
  outcome: Outcome;
  /** Null where the connection was cut. */
  status: number | null;
  code: string | null;
  retryAfter: string | null;
  /** The users that the answer names. */
  names: readonly string[];
}

/** `refused` is what is said to a session that is over, `cut` a connection that ended without an answer. */
export type Outcome = "ok" | "refused" | "failed" | "cut";

/** A session, from the answer that brought its cookie. */
export interface Life {
  session: string;
  user: string;
  /** The app's own id of the user. */
  userId: string;
  /** The hash of the code that was exchanged for its first tokens: so the provider's journal knows it. */
  grant: string;
  began: number;
}

/** Something that ends sessions; `end` is null while nobody was told that it did. */
export interface Ending {
  by: "device" | "everywhere" | "back channel" | "next sign-in";
  user: string;
  /** `all` of the user that were there when it began. */
  sessions: readonly string[] | "all";
  begin: number;
  end: number | null;
}

export type FaultKind = "kill" | "provider" | "database" | "clock" | "starved";

export interface Fault {
  kind: FaultKind;
  what: string;
  /** Of a kill. */
  instance: number | null;
  begin: number;
  end: number | null;
}

/** An access token that a page of the app was given. */
export interface Handed {
  session: string;
  target: string;
  sha256: string;
  /** Whom the token names, where it says so. */
  sub: string | null;
  begin: number;
  end: number;
}

/** A refresh that a user asked for and was told to have. */
export type Renewed = Pick<Handed, "session" | "target" | "begin" | "end">;

/** An access token that arrived at a service. */
export interface Served {
  session: string;
  /** Whom the app said that it is. */
  userId: string;
  /** Whom the token names. */
  sub: string;
  sha256: string;
  /** When the user asked for it. */
  begin: number;
}

export interface Stream {
  session: string;
  instance: number;
  begin: number;
  /** When the last event came. */
  lastEvent: number;
  /** Null while it goes on. */
  end: number | null;
  endedBy: "user" | "app" | null;
}

/** Something that must not be. Names no token. */
export interface Violation {
  rule: string;
  what: string;
  at: number;
}

export function emptyHistory(): History {
  return { asked: [], lives: [], endings: [], faults: [], handed: [], renewed: [], served: [], streams: [] };
}

/** When each session was certainly over: somebody was told so. */
export function certainEnds({ lives, endings }: Pick<History, "lives" | "endings">): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { user, sessions, begin, end } of endings) {
    if (end === null) continue;
    for (const life of lives) {
      const isMeant = sessions === "all" ? life.user === user && life.began <= begin : sessions.includes(life.session);
      if (isMeant) ends.set(life.session, Math.min(end, ends.get(life.session) ?? end));
    }
  }
  return ends;
}

/** Whether a session may have been over by then: something had begun to end it. */
export function mayHaveEnded(endings: readonly Ending[], { session, user }: Life, by: number): boolean {
  return endings.some(
    (ending) =>
      ending.begin <= by && ending.user === user && (ending.sessions === "all" || ending.sessions.includes(session)),
  );
}

/** Whether a fault of one of these kinds was on between two moments, or had been until `afterMs` before the first. */
export function hadFault(
  faults: readonly Fault[],
  kinds: readonly FaultKind[],
  { begin, end, afterMs = 0, instance }: { begin: number; end: number; afterMs?: number; instance?: number },
): boolean {
  return faults.some(
    (fault) =>
      kinds.includes(fault.kind) &&
      (instance === undefined || fault.instance === instance) &&
      fault.begin <= end &&
      (fault.end ?? Number.POSITIVE_INFINITY) + afterMs >= begin,
  );
}
