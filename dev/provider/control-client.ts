import type { z } from "zod";
import type { ClientRegistration } from "./client-registration";
import type { BackchannelResult } from "./control/backchannel-logout";
import type { backchannelLogoutSchema, signSchema } from "./control/schemas";
import type { SessionSummary } from "./control/sessions";
import type { Dialect } from "./dialect";
import type { FaultRule, FaultRuleInput } from "./faults";
import type { HabitsName } from "./habits/habits";
import type { Endpoint, IssuedEntry, JournalEntry } from "./journal";
import type { User, UserInput } from "./user";

export type { Fault, FaultRule, FaultRuleInput } from "./faults";
export type { Endpoint, IssuedEntry, JournalEntry } from "./journal";

export interface IssuerSummary {
  issuer: string;
  /** The id of the key that signs now. */
  kid: string;
  accessTokenSeconds: number;
  offsetSeconds: number;
  dialect: Dialect;
  clients: string[];
}

/** The control API refused a call; `message` says why. */
export class ControlApiError extends Error {
  override readonly name = "ControlApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type ControlClient = ReturnType<typeof createControlClient>;

/**
 * Drives running identity providers. Every method names the issuer first, and throws ControlApiError when it is refused.
 * @param options `control` of what startIdentityProviders answered.
 */
export function createControlClient({ url, secret }: { url: string; secret: string }) {
  const call = async <T>(method: string, issuer: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/issuers/${encodeURIComponent(issuer)}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as { error?: string; message?: string };
    if (!response.ok) throw new ControlApiError(response.status, json.error ?? "unknown", json.message ?? "");
    return json as T;
  };
  const part = encodeURIComponent;

  return {
    /** What the issuer is like now. */
    describe: (issuer: string) => call<IssuerSummary>("GET", issuer, ""),

    /** The requests that the issuer received, oldest first. */
    journal: async (issuer: string, filter: { endpoint?: Endpoint; since?: number } = {}) => {
      const query = new URLSearchParams({ since: String(filter.since ?? 0) });
      if (filter.endpoint) query.set("endpoint", filter.endpoint);
      return (await call<{ requests: JournalEntry[] }>("GET", issuer, `/journal?${query}`)).requests;
    },
    /** Forgets the journal, what was issued, and the counters. */
    clearJournal: (issuer: string) => call<{ ok: true }>("DELETE", issuer, "/journal"),
    /** Every token that left the issuer, exactly as it left. */
    issued: async (issuer: string, { since = 0 } = {}) =>
      (await call<{ issued: IssuedEntry[] }>("GET", issuer, `/issued?since=${since}`)).issued,
    /** How often tokens were refreshed, and how often a used refresh token came back. */
    counters: (issuer: string) => call<{ refreshes: number; reuseAlarms: number }>("GET", issuer, "/counters"),

    /** Makes the issuer misbehave at its next requests. */
    addFault: (issuer: string, rule: FaultRuleInput) => call<FaultRule>("POST", issuer, "/faults", rule),
    /** The faults that wait. */
    faults: async (issuer: string) => (await call<{ faults: FaultRule[] }>("GET", issuer, "/faults")).faults,
    /** Takes back one fault, or all of them. */
    clearFaults: (issuer: string, id?: number) =>
      call<unknown>("DELETE", issuer, id === undefined ? "/faults" : `/faults/${id}`),

    /** Signs with a new key from now on. Without `keepOld`, tokens of the former keys can no longer be verified. */
    rotateKeys: (issuer: string, { keepOld = true } = {}) =>
      call<{ kid: string }>("POST", issuer, "/keys/rotate", { keepOld }),
    /** Revokes grants: their refresh tokens answer `invalid_grant` from now on. */
    revokeGrants: (issuer: string, filter: { sub?: string; clientId?: string } = {}) =>
      call<{ revoked: number }>("POST", issuer, "/grants/revoke", filter),
    /** The browsers that are signed in. */
    sessions: async (issuer: string) =>
      (await call<{ sessions: SessionSummary[] }>("GET", issuer, "/sessions")).sessions,
    /** Signs browsers out at the issuer, and tells no application. */
    endSessions: (issuer: string, filter: { sub?: string; uid?: string } = {}) =>
      call<{ ended: number }>("POST", issuer, "/sessions/end", filter),
    /** Sends an application a logout token, or only makes one. */
    backchannelLogout: (issuer: string, request: z.input<typeof backchannelLogoutSchema>) =>
      call<BackchannelResult>("POST", issuer, "/backchannel-logout", request),

    users: async (issuer: string) => (await call<{ users: User[] }>("GET", issuer, "/users")).users,
    user: (issuer: string, sub: string) => call<User>("GET", issuer, `/users/${part(sub)}`),
    /** Adds a person, or replaces the one with that `sub`. */
    putUser: (issuer: string, { sub, ...user }: UserInput) => call<User>("PUT", issuer, `/users/${part(sub)}`, user),
    /** Changes some fields of a person; null empties a field. */
    changeUser: (issuer: string, sub: string, fields: { [F in keyof Omit<UserInput, "sub">]?: UserInput[F] | null }) =>
      call<User>("POST", issuer, `/users/${part(sub)}`, fields),
    removeUser: (issuer: string, sub: string) => call<unknown>("DELETE", issuer, `/users/${part(sub)}`),
    /** Back to the people the issuer was started with. */
    resetUsers: (issuer: string) => call<{ ok: true }>("DELETE", issuer, "/users"),

    /** Signs any claims. `signWith: "hs256"` takes the secret of `clientId`. */
    sign: async (issuer: string, request: z.input<typeof signSchema>) =>
      (await call<{ token: string }>("POST", issuer, "/sign", request)).token,
    /** Moves the issuer's clock; 0 puts it right. */
    setClock: (issuer: string, offsetSeconds: number) =>
      call<{ offsetSeconds: number }>("POST", issuer, "/clock", { offsetSeconds }),
    /** How long access tokens live from now on. */
    setTokenLifetime: (issuer: string, accessTokenSeconds: number) =>
      call<{ accessTokenSeconds: number }>("POST", issuer, "/token-lifetime", { accessTokenSeconds }),
    /** How token requests name their API from now on; `reset` goes back to what the issuer was started with. */
    setDialect: (issuer: string, dialect: Dialect) =>
      call<{ dialect: Dialect }>("POST", issuer, "/dialect", { dialect }),

    /** Whose habits the issuer has from now on, dialect included; null, and `reset`, take them away. */
    setHabits: (issuer: string, habits: HabitsName | null) =>
      call<{ habits: HabitsName | null }>("POST", issuer, "/habits", { habits }),

    clients: async (issuer: string) =>
      (await call<{ clients: ClientRegistration[] }>("GET", issuer, "/clients")).clients,
    /** Registers a client, or replaces the one with that id. */
    putClient: (issuer: string, { clientId, ...client }: ClientRegistration) =>
      call<ClientRegistration>("PUT", issuer, `/clients/${part(clientId)}`, client),
    removeClient: (issuer: string, clientId: string) => call<unknown>("DELETE", issuer, `/clients/${part(clientId)}`),
    /** Forgets journal, faults, sessions, grants and changed people, and puts clock and dialect right. Keys and clients stay. */
    reset: (issuer: string) => call<{ ok: true }>("POST", issuer, "/reset"),
  };
}
