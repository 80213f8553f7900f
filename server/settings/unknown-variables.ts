import "server-only";
import daemun from "@/daemun.config";
import { providersIn, providerTypes } from "@/edge/provider-ids";
import { nearest } from "./nearest";
import { variablePrefix } from "./read-providers";
import { servicePrefix } from "./services";

/** A variable that looks like one of ours, and that nobody reads. */
export interface UnknownVariable {
  name: string;
  /** The one that was probably meant. */
  meant: string | null;
  /** Whether it stops the start: it is certainly ours, and what was meant is not set, so that it would silently not be in force. */
  stops: boolean;
}

type Source = Readonly<Record<string, string | undefined>>;

/** What comes after `AUTH_<ID>_`. A test compares it with what read-providers.ts reads. */
export const providerSuffixes: readonly string[] =
  "ID SECRET ISSUER NAME TYPE SCOPE PROMPT DISCOVERY_URL FORMER_ISSUER ID_TOKEN_ALG CLIENT_AUTH PRIVATE_KEY TEAM_ID KEY_ID BACKCHANNEL_REQUIRE_TYP BACKCHANNEL_REQUIRE_EXP DPOP PUSHED_AUTHORIZATION".split(
    " ",
  );
// Where nobody else's variables begin like that. `AUTH_` alone is no such prefix: other libraries have theirs there.
const ownPrefix = /^(?:SESSION|VAULT|DAEMUN|TRUSTED_PROXY|OUTBOUND|AUDIT_RETENTION|SWEEP_INTERVAL)_/;
// Others have names a letter away from these: PORTS, REDIRECT_URL.
const commonNames: ReadonlySet<string> = new Set(["PORT", "NODE_ENV", "DIRECT_URL", "VERCEL"]);
const serviceSuffixes = ["URL", "ID", "SECRET", "ISSUER"];

// What others call the same.
const otherNames: Readonly<Record<string, string>> = {
  CLIENT_ID: "ID",
  CLIENT_SECRET: "SECRET",
  ISSUER_URL: "ISSUER",
  ISSUER_BASE_URL: "ISSUER",
  SCOPES: "SCOPE",
  BASE_URL: "URL",
};

/**
 * The variables that nobody reads: those that begin like ours, and those that are a letter or two away from one of ours. Values
 * are never looked at. A deployment that started before has variables of other tools, which must not stop it.
 *
 * @param read the names that are read whatever the environment says
 * @param providers the ids of the providers that are in use
 */
export function unknownVariables(
  source: Source,
  read: ReadonlySet<string>,
  providers: readonly string[],
): UnknownVariable[] {
  const named = new Set([...providers, ...providersIn(source)]);
  const ofProviders = (ids: Iterable<string>): Owner[] =>
    [...ids].map((id) => ({ prefix: variablePrefix(id), suffixes: providerSuffixes }));
  const ofServices = Object.keys(daemun.services).map((id) => ({
    prefix: servicePrefix(id),
    suffixes: serviceSuffixes,
  }));
  const owners = [...ofProviders(new Set([...named, ...providerTypes])), ...ofServices];
  owners.sort((a, b) => b.prefix.length - a.prefix.length);
  const known = new Set([...read, ...namesOf(owners)]);
  // What is near to the variable of a preset that nobody uses is most likely no misspelling of it.
  const near = [...read, ...namesOf([...ofProviders(named), ...ofServices])].filter((name) => !commonNames.has(name));
  const used = [...ofProviders(providers), ...ofServices].map(({ prefix }) => prefix);
  const names = Object.keys(source).filter((name) => source[name] && !known.has(name) && !isNumbered(name));
  return names.sort().flatMap((name) => {
    const owner = owners.find(({ prefix }) => name.startsWith(`${prefix}_`));
    const meant = meantBy(name, owner, isClientId(name) ? known : near);
    const looksOurs = /^AUTH_|^SERVICE_.+_(?:URL|ID|SECRET|ISSUER)$/.test(name);
    if (meant === null && !looksOurs) return [];
    // Without AUTH_PROVIDERS, a client id adds a provider.
    const namesProvider = isClientId(name) && !source.AUTH_PROVIDERS;
    const isOwn = ownPrefix.test(name) || (owner !== undefined && used.includes(owner.prefix));
    return [{ name, meant, stops: meant === null ? namesProvider : !source[meant] && (isOwn || namesProvider) }];
  });
}

/** The sentence about one, for a list of faults or the log. */
export function describeUnknown({ name, meant }: UnknownVariable): string {
  if (meant !== null) return `${name} is no variable of this app. Did you mean ${meant}?`;
  const prefix = name.slice(0, -"_ID".length);
  const hint = isClientId(name) ? ` A provider of that name would need ${prefix}_ISSUER or ${prefix}_TYPE too.` : "";
  return `${name} is no variable of this app.${hint}`;
}

function isClientId(name: string): boolean {
  return name.startsWith("AUTH_") && name.endsWith("_ID");
}

/** Former secrets, and keys that a client signs with. */
function isNumbered(name: string): boolean {
  return /^AUTH_SECRET_\d+$|^AUTH_.+_PRIVATE_KEY_\d+$/.test(name);
}

interface Owner {
  prefix: string;
  suffixes: readonly string[];
}

function namesOf(owners: readonly Owner[]): string[] {
  return owners.flatMap(({ prefix, suffixes }) => suffixes.map((end) => `${prefix}_${end}`));
}

function meantBy(name: string, owner: Owner | undefined, candidates: Iterable<string>): string | null {
  if (owner) {
    const end = name.slice(owner.prefix.length + 1);
    const suffix = otherNames[end] ?? nearest(end, owner.suffixes);
    return suffix !== null && owner.suffixes.includes(suffix) ? `${owner.prefix}_${suffix}` : null;
  }
  const isOther = name.startsWith("AUTH_") && (name.endsWith("_CLIENT_ID") || name.endsWith("_CLIENT_SECRET"));
  return isOther ? name.replace("_CLIENT_", "_") : nearest(name, candidates);
}
