import { randomBytes } from "node:crypto";
import type { ClientRegistration, ResourceServerRegistration } from "./client-registration";
import { startControlApi } from "./control/server";
import type { Dialect } from "./dialect";
import { listenOnLoopback } from "./http/loopback";
import { Issuer } from "./issuer";
import { createIssuerState, type LocalName } from "./issuer-state";
import { type Resources, standingResources } from "./permissions";
import { type UserInput, userSchema } from "./user";
import { standingUsers } from "./users";

export type { ClientRegistration, ResourceServerRegistration } from "./client-registration";
export type { UserInput } from "./user";

export interface IssuerOptions {
  /**
   * `company`, `partner` and `notes` have their own demo people; any other id gets the company's unless `people` is given.
   */
  id: string;
  /** 0 takes any free port. */
  port: number;
  clients: ClientRegistration[];
  users?: UserInput[];
  name?: LocalName;
  /** How a token request names its API; `resource` when absent. */
  dialect?: Dialect;
  /** Those of all issuers when absent. */
  resources?: Resources;
  /** Scopes that belong to no resource, which opaque tokens carry; none when absent. */
  scopes?: readonly string[];
  /** APIs that may introspect every client's tokens; none when absent. */
  resourceServers?: readonly ResourceServerRegistration[];
}

export interface StartOptions {
  issuers: IssuerOptions[];
  /** Where the control API listens; 0 takes any free port. */
  controlPort: number;
  /** Random when absent. */
  controlSecret?: string;
  /** Lifetime of access tokens; 3600 when absent. */
  accessTokenSeconds?: number;
  /** API resources and their scopes; those of the demo when absent. */
  resources?: Resources;
}

export interface IdentityProviders {
  issuers: Record<string, { issuer: string }>;
  control: { url: string; secret: string };
  stop(): Promise<void>;
}

const demoNames: Record<string, LocalName> = {
  company: { en: "Company", ko: "컴퍼니" },
  partner: { en: "Partner", ko: "파트너" },
  notes: { en: "Notes", ko: "노트" },
};

/**
 * Starts identity providers for development, tests and the demo, all in this process and all on loopback.
 * @throws when NODE_ENV is `production`, unless DAEMUN_DEMO is `1`; and when a port is taken.
 */
export async function startIdentityProviders(options: StartOptions): Promise<IdentityProviders> {
  if (process.env.NODE_ENV === "production" && process.env.DAEMUN_DEMO !== "1") {
    throw new Error("The development identity provider signs anybody in. It does not start with NODE_ENV=production.");
  }
  for (const [at, { id }] of options.issuers.entries()) {
    if (!/^[a-z][a-z0-9_-]*$/i.test(id)) throw new Error(`${id} cannot name an issuer: it names cookies.`);
    if (options.issuers.findIndex((other) => other.id === id) < at)
      throw new Error(`There are two issuers called ${id}.`);
  }
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(closing.map((close) => close()));
  };
  try {
    const issuers = new Map<string, Issuer>();
    // At the same time: most of it is making keys, which takes other threads' time.
    const starting = options.issuers.map((issuerOptions) => startIssuer(issuerOptions, options));
    const opened = await Promise.allSettled(starting);
    for (const result of opened) if (result.status === "fulfilled") closing.push(result.value.close);
    for (const result of opened) {
      if (result.status === "rejected") throw result.reason;
      issuers.set(result.value.issuer.state.id, result.value.issuer);
    }
    const secret = options.controlSecret ?? randomBytes(24).toString("base64url");
    const control = await startControlApi({ issuers, port: options.controlPort, secret });
    closing.push(control.close);
    return {
      issuers: Object.fromEntries([...issuers].map(([id, { state }]) => [id, { issuer: state.issuer }])),
      control: { url: control.url, secret },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startIssuer(
  { id, port, clients, users, name, dialect = "resource", ...own }: IssuerOptions,
  { resources = standingResources, accessTokenSeconds = 3600 }: StartOptions,
): Promise<{ issuer: Issuer; close: () => Promise<void> }> {
  // The port is part of the issuer's name and, when any will do, only known once it is bound.
  let issuer: Issuer | undefined;
  const server = await listenOnLoopback((request, response) => issuer?.listener(request, response), port);
  const state = await createIssuerState({
    id,
    name: name ?? demoNames[id] ?? { en: id, ko: id },
    issuer: `http://localhost:${server.port}`,
    resources: own.resources ?? resources,
    scopes: own.scopes ?? [],
    clients,
    resourceServers: own.resourceServers ?? [],
    users: users ? users.map((user) => userSchema.parse(user)) : standingUsers(id),
    accessTokenSeconds,
    dialect,
  });
  issuer = new Issuer(state);
  return { issuer, close: server.close };
}
