import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

export const endpointSchema = z.enum([
  "discovery",
  "jwks",
  "authorization",
  "pushed_authorization_request",
  "token",
  "userinfo",
  "revocation",
  "introspection",
  "end_session",
  "interaction",
  "other",
]);
export type Endpoint = z.infer<typeof endpointSchema>;

/** One request that an issuer received. */
export interface JournalEntry {
  seq: number;
  /** ISO 8601, by the real clock. */
  time: string;
  method: string;
  path: string;
  endpoint: Endpoint;
  headers: IncomingHttpHeaders;
  query: Record<string, string | string[]>;
  form: Record<string, string | string[]>;
  /** What was answered; null while it is being answered, and when a fault withheld the answer. */
  status: number | null;
  /** The kinds of the faults that were applied. */
  faults: string[];
  /** When it was over, answered or cut; null while it runs. */
  endedAt: string | null;
}

/** One thing with tokens in it that left an issuer, exactly as it left. */
export interface IssuedEntry {
  seq: number;
  time: string;
  kind: "token_response" | "logout_token";
  /** The `seq` of the request that it answers; null for what the issuer sent by itself. */
  request: number | null;
  clientId: string | null;
  /** Of a token response: the grant type that was asked for. */
  grantType: string | null;
  /** False when a fault withheld it after it had been issued. */
  delivered: boolean;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  logoutToken: string | null;
}

/** Enough for any test run; a demo that runs for weeks forgets its oldest entries. */
const capacity = 20_000;

/** What an issuer received and what it issued, in memory. */
export class Journal {
  #seq = 0;
  #requests: JournalEntry[] = [];
  #issued: IssuedEntry[] = [];
  refreshes = 0;
  reuseAlarms = 0;

  record(entry: Omit<JournalEntry, "seq" | "time" | "status" | "faults" | "endedAt">): JournalEntry {
    const recorded: JournalEntry = {
      seq: this.#next(),
      time: new Date().toISOString(),
      ...entry,
      status: null,
      faults: [],
      endedAt: null,
    };
    push(this.#requests, recorded);
    return recorded;
  }

  recordIssued(entry: Partial<Omit<IssuedEntry, "seq" | "time">> & Pick<IssuedEntry, "kind">): void {
    push(this.#issued, {
      request: null,
      clientId: null,
      grantType: null,
      delivered: true,
      accessToken: null,
      refreshToken: null,
      idToken: null,
      logoutToken: null,
      ...entry,
      seq: this.#next(),
      time: new Date().toISOString(),
    });
  }

  /** Requests with a `seq` above `since`, of one endpoint or of all. */
  requests({ endpoint, since = 0 }: { endpoint?: Endpoint | undefined; since?: number }): JournalEntry[] {
    return this.#requests.filter(
      (entry) => entry.seq > since && (endpoint === undefined || entry.endpoint === endpoint),
    );
  }

  issued({ since = 0 }: { since?: number }): IssuedEntry[] {
    return this.#issued.filter((entry) => entry.seq > since);
  }

  /** Forgets all entries and counts. Sequence numbers go on, so that a remembered `since` stays meaningful. */
  clear(): void {
    this.#requests = [];
    this.#issued = [];
    this.refreshes = 0;
    this.reuseAlarms = 0;
  }

  #next(): number {
    this.#seq += 1;
    return this.#seq;
  }
}

function push<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > capacity) list.shift();
}
