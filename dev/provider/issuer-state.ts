import { randomBytes } from "node:crypto";
import type { ClientRegistration, ResourceServerRegistration } from "./client-registration";
import { MovableClock } from "./clock";
import type { Dialect } from "./dialect";
import { FaultQueue } from "./faults";
import type { Habits } from "./habits/habits";
import { Journal } from "./journal";
import type { Resources } from "./permissions";
import { Store } from "./store";
import { KeyRing } from "./tokens/key-ring";
import type { User } from "./user";
import { UserRegistry } from "./user-registry";

/** A name in the two languages of the pages. */
export interface LocalName {
  en: string;
  ko: string;
}

/** All that one issuer knows. Providers come and go (keys rotate); this stays. */
export interface IssuerState {
  readonly id: string;
  readonly name: LocalName;
  /** The issuer identifier, such as `http://localhost:4001`. */
  readonly issuer: string;
  readonly resources: Resources;
  /** Scopes that belong to no resource: what a plain OAuth client asks for. */
  readonly scopes: readonly string[];
  readonly clients: Map<string, ClientRegistration>;
  readonly resourceServers: ReadonlyMap<string, ResourceServerRegistration>;
  readonly users: UserRegistry;
  readonly keys: KeyRing;
  readonly clock: MovableClock;
  readonly store: Store;
  readonly journal: Journal;
  readonly faults: FaultQueue;
  readonly cookieKeys: string[];
  accessTokenSeconds: number;
  dialect: Dialect;
  /** Those of a real provider; null for one that does as the standard says. */
  habits: Habits | null;
  /** What `reset` goes back to. */
  readonly initialDialect: Dialect;
}

export interface IssuerSeed {
  id: string;
  name: LocalName;
  issuer: string;
  resources: Resources;
  scopes: readonly string[];
  clients: readonly ClientRegistration[];
  resourceServers: readonly ResourceServerRegistration[];
  users: readonly User[];
  accessTokenSeconds: number;
  dialect: Dialect;
}

/** Makes the state of an issuer, with fresh keys. */
export async function createIssuerState(seed: IssuerSeed): Promise<IssuerState> {
  const clock = new MovableClock();
  return {
    ...seed,
    initialDialect: seed.dialect,
    habits: null,
    clients: new Map(seed.clients.map((client) => [client.clientId, client])),
    resourceServers: new Map(seed.resourceServers.map((server) => [server.clientId, server])),
    users: new UserRegistry(seed.users),
    keys: await KeyRing.create(),
    clock,
    store: new Store(clock),
    journal: new Journal(),
    faults: new FaultQueue(),
    cookieKeys: [randomBytes(32).toString("base64url")],
  };
}
