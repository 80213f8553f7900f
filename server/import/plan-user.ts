import "server-only";
import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { isIssuerOf } from "../oidc/issuer";
import { storable } from "../oidc/storable";
import type { ConnectableService } from "../services/service-provider";
import { trustsAddress } from "../sessions/registry/policy";
import { pictureAddress } from "../settings/picture-address";
import type { Preset } from "../settings/presets/preset";
import { presets } from "../settings/presets/presets";
import type { ProviderSettings } from "../settings/providers";
import type { TokenSet } from "../tokens/store";
import type { SourceAccount, SourceUser } from "./source";

/** Where their providers' accounts go: to a provider that signs in here, or to a service as a connection. */
export interface Mapping {
  /** By their id of the provider. */
  providers: ReadonlyMap<string, ProviderSettings>;
  services: ReadonlyMap<string, ConnectableService>;
  /** Of `providers`, those that nobody named: the id is the same, and an account counts only where its ID token says the issuer. */
  assumed: ReadonlySet<string>;
  /** Which database it is, where there are several; it goes into the ids that are made. */
  source: string | null;
  /** Ids there of users whom an earlier run has brought. */
  earlier: ReadonlySet<string>;
}

/** Tokens that become a connection with a service. */
export interface PlannedConnection {
  service: ConnectableService;
  subject: string;
  tokens: TokenSet;
}

/** An account as it will stand here. */
export interface PlannedAccount {
  provider: string;
  subject: string;
  issuer: string;
  type: "oauth" | "oidc";
}

/** What becomes of a user. `faults`: of accounts that stay behind, with their provider's id there. */
export interface PlannedUser {
  sourceId: string;
  id: string;
  /** Whether an earlier run has brought them, as the operator says. */
  isEarlier: boolean;
  name: string | null;
  image: string | null;
  /** Lower case; null where nobody whom this app trusts has verified it. */
  email: string | null;
  emailVerified: Date | null;
  createdAt: Date | null;
  isBanned: boolean;
  accounts: PlannedAccount[];
  connections: PlannedConnection[];
  faults: { provider: string; fault: "not_mapped" | "not_named" | "issuer" | "subject" }[];
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The id that a user of the other database has here: their own where it is a UUID, else one made of it, the same each time. So
 * an import may be repeated, and tables of the app that name users can follow.
 *
 * @param source which database it is; in two without one, the same id becomes the same
 */
export function importedId(sourceId: string, source: string | null = null): string {
  if (uuid.test(sourceId)) return sourceId.toLowerCase();
  const hash = createHash("sha256")
    .update(`daemun import${source === null ? "" : ` ${source}`}\n${sourceId}`)
    .digest("hex");
  // RFC 9562 section 5.8: version 8, for whoever makes them in a way of their own.
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/**
 * Whether whoever calls a provider by this id can mean no other: it is the preset's own, with its one issuer. `keycloak` is not
 * such a one, nor `company`.
 */
export function isUnmistakable({ id, type, issuer }: Pick<ProviderSettings, "id" | "type" | "issuer">): boolean {
  const preset: Preset = presets[type];
  return id === type && preset.issuer === issuer;
}

/** What of a user can be taken over, without looking at who is here already. */
export function planUser(user: SourceUser, mapping: Mapping): PlannedUser {
  const { providers, services, assumed, source, earlier } = mapping;
  const accounts: PlannedAccount[] = [];
  const connections = new Map<string, PlannedConnection>();
  const faults: PlannedUser["faults"] = [];
  for (const account of user.accounts) {
    const service = services.get(account.provider);
    if (service) {
      const connection = planConnection(account, service);
      // One account of each service: the first.
      if (connection && !connections.has(service.id)) connections.set(service.id, connection);
    }
    const provider = providers.get(account.provider);
    if (service && !provider) continue;
    const planned = provider ? planAccount(account, provider, assumed.has(account.provider)) : "not_mapped";
    if (typeof planned === "string") faults.push({ provider: account.provider, fault: planned });
    else accounts.push(planned);
  }
  const address = storable(user.email);
  const email = typeof address === "string" && address.length <= 320 ? address.trim().toLowerCase() : null;
  // What the other app believed counts for as much as its provider's word counts here, and no more.
  const isTrusted =
    email?.includes("@") && user.emailVerified && accounts.some(({ provider }) => trustsAddress(provider, email));
  const name = storable(user.name);
  return {
    sourceId: user.id,
    id: importedId(user.id, source),
    isEarlier: earlier.has(user.id),
    name: typeof name === "string" ? name.trim().slice(0, 200).toWellFormed() || null : null,
    image: pictureAddress(user.image),
    email: isTrusted ? email : null,
    emailVerified: isTrusted ? user.emailVerified : null,
    createdAt: user.createdAt,
    isBanned: user.isBanned,
    accounts,
    connections: [...connections.values()],
    faults,
  };
}

function planAccount(
  { subject, idToken }: SourceAccount,
  provider: ProviderSettings,
  isAssumed: boolean,
): PlannedAccount | "not_named" | "issuer" | "subject" {
  if (subject === "" || subject.length > 255 || storable(subject) !== subject) return "subject";
  const said = issuerIn(idToken);
  // One that was kept tells whether it is the provider that is meant; of many tenants, which.
  if (said !== null && !isIssuerOf(provider, said) && said !== provider.formerIssuer) return "issuer";
  if (said === null && isAssumed) return "not_named";
  const ofTenant = said !== null && isIssuerOf(provider, said) ? said : null;
  const issuer = provider.issuerTemplate === null ? provider.issuer : ofTenant;
  if (issuer === null) return "issuer";
  return { provider: provider.id, subject, issuer, type: provider.oauth2 ? "oauth" : "oidc" };
}

/** Null where there is no token of any use. */
function planConnection(account: SourceAccount, service: ConnectableService): PlannedConnection | null {
  const { accessToken, accessTokenExpiresAt, refreshToken, scope, subject } = account;
  // Of one that does not say when it ends, nobody knows whether it has: it counts as over, and is refreshed.
  const expiresAt = accessTokenExpiresAt ?? new Date(0);
  const isAlive = accessToken !== null && expiresAt.getTime() > Date.now();
  if (!isAlive && refreshToken === null) return null;
  const tokens = { accessToken: isAlive ? accessToken : null, expiresAt, refreshToken, idToken: null };
  return { service, subject, tokens: { ...tokens, scope: scope ?? "" } };
}

/** The issuer that a kept ID token names. Not verified: it is as good as the database that it stands in. */
function issuerIn(idToken: string | null): string | null {
  if (idToken === null) return null;
  try {
    return decodeJwt(idToken).iss ?? null;
  } catch {
    return null;
  }
}
