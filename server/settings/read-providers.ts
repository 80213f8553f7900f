import "server-only";
import type { ClientAuthentication } from "@/edge/config";
import { namedProviders, type ProviderType, providerTypes } from "@/edge/provider-ids";
import { clientAuthenticationSchema, idTokenAlgSchema } from "@/edge/provider-schema";
import { checkProvider } from "./check-provider";
import { isLoopbackHost } from "./loopback";
import { didYouMean, nearest } from "./nearest";
import type { Preset } from "./presets/preset";
import { presets } from "./presets/presets";
import { describeProvider, type ProviderSettings } from "./providers";

type Source = Readonly<Record<string, string | undefined>>;

/**
 * The providers that the environment names, in order: those of `AUTH_PROVIDERS`, else every `AUTH_<ID>_ID`.
 * Adds to `faults` what is wrong, by variable name, never by value.
 */
export function readProviders(
  source: Source,
  { allowHttpLoopback }: { allowHttpLoopback: boolean },
  faults: string[],
): ProviderSettings[] {
  const ids = namedProviders(source);
  if (ids.length === 0) faults.push("AUTH_PROVIDERS names no provider, and no AUTH_<ID>_ID is set.");
  if (new Set(ids).size < ids.length) faults.push("AUTH_PROVIDERS names a provider twice.");
  return [...new Set(ids)].flatMap((id) => readProvider(source, id, allowHttpLoopback, faults) ?? []);
}

/** The scopes that a preset asks for and a variable leaves out: without some of them there are no refresh tokens. */
export function scopesLeftOut({ type, scope }: Pick<ProviderSettings, "type" | "scope">): string[] {
  const preset: Preset = presets[type];
  const wanted = [...preset.scope.split(" "), ...(preset.scopesWhereSupported ?? [])];
  return wanted.filter((word) => word === "offline_access" && !scope.split(" ").includes(word));
}

/** What the variables of a provider begin with. */
export function variablePrefix(id: string): string {
  return `AUTH_${id.toUpperCase().replaceAll("-", "_")}`;
}

function readProvider(
  source: Source,
  id: string,
  allowHttpLoopback: boolean,
  faults: string[],
): ProviderSettings | null {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(id)) {
    faults.push("AUTH_PROVIDERS: a provider id is a lower-case letter and up to 31 letters, digits or hyphens.");
    return null;
  }
  const prefix = variablePrefix(id);
  const read = (name: string) => source[`${prefix}_${name}`] || undefined;
  const fault = (name: string, what: string) => void faults.push(`${prefix}_${name} ${what}`);

  const type = read("TYPE") ?? (Object.hasOwn(presets, id) ? id : "oidc");
  if (!Object.hasOwn(presets, type)) {
    fault("TYPE", `must be one of ${Object.keys(presets).join(", ")}.`);
    return null;
  }
  const preset: Preset = presets[type as ProviderType];
  const clientId = read("ID");
  const issuer = read("ISSUER") ?? preset.issuer;
  const isAddress = (text: string) => isIssuer(text, allowHttpLoopback);
  if (!clientId) fault("ID", "is missing: the client id that the provider gave this app.");
  if (!issuer) {
    const form = preset.issuerForm ?? "the provider's issuer, as its discovery document gives it";
    const meant = nearest(id, providerTypes);
    fault("ISSUER", `is missing: ${form}.${type === "oidc" ? didYouMean(meant && `${variablePrefix(meant)}_…`) : ""}`);
  }
  for (const name of ["ISSUER", "DISCOVERY_URL", "FORMER_ISSUER"]) {
    const address = name === "ISSUER" ? issuer : read(name);
    if (address && !isAddress(address))
      fault(name, "must be an https address without query or fragment (http only on loopback, in development).");
  }
  const flag = (name: string): boolean => {
    const text = read(name) ?? "true";
    if (!["true", "false"].includes(text)) fault(name, "must be true or false.");
    return text === "true";
  };
  const algorithm = read("ID_TOKEN_ALG");
  if (algorithm && !idTokenAlgSchema.safeParse(algorithm).success)
    fault("ID_TOKEN_ALG", `must be one of ${idTokenAlgSchema.options.join(", ")}.`);
  if (!clientId || !issuer) return null;
  const described = {
    id,
    type: type as ProviderType,
    name: read("NAME") ?? preset.names?.en ?? id,
    ...(read("NAME") === undefined && preset.names && { koreanName: preset.names.ko }),
    issuer,
    discoveryUrl: read("DISCOVERY_URL") ?? null,
    formerIssuer: read("FORMER_ISSUER") ?? null,
    clientId,
    clientSecret: read("SECRET") ?? "",
    privateKeys: [read("PRIVATE_KEY"), ...furtherKeys(source, prefix)].flatMap(
      (key) => key?.replaceAll("\\n", "\n") ?? [],
    ),
    backchannelRequireTyp: flag("BACKCHANNEL_REQUIRE_TYP"),
    backchannelRequireExp: flag("BACKCHANNEL_REQUIRE_EXP"),
    ...(algorithm && { idTokenAlg: algorithm }),
    ...(read("PUSHED_AUTHORIZATION") && { pushedAuthorization: flag("PUSHED_AUTHORIZATION") }),
    ...(read("DPOP") && { dpop: flag("DPOP") }),
    ...readScope(read, fault),
    ...readPrompt(read, fault),
    ...readClientAuthentication(read, fault),
    ...readSecretSigner(read),
  };
  const provider = describeProvider(described, preset);
  checkProvider(provider, { prefix, faults });
  return provider;
}

type Read = (name: string) => string | undefined;
type Fault = (name: string, what: string) => void;

/** What the operator names is sent as it is. */
function readScope(read: Read, fault: Fault): Partial<ProviderSettings> {
  const scope = read("SCOPE");
  if (scope === undefined) return {};
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(scope))
    fault("SCOPE", "must be scopes separated by single spaces.");
  return { scope, scopesWhereSupported: [] };
}

function readPrompt(read: Read, fault: Fault): Partial<ProviderSettings> {
  const prompt = read("PROMPT");
  if (prompt === undefined) return {};
  if (!/^(?:login|select_account|consent)(?: (?:login|select_account|consent))*$/.test(prompt))
    fault("PROMPT", "must be login, select_account or consent, or several separated by single spaces.");
  return { prompt };
}

function readClientAuthentication(read: Read, fault: Fault): Partial<ProviderSettings> {
  const method = read("CLIENT_AUTH");
  if (method === undefined) return {};
  if (!clientAuthenticationSchema.safeParse(method).success)
    fault("CLIENT_AUTH", `must be one of ${clientAuthenticationSchema.options.join(", ")}.`);
  return { clientAuthentication: method as ClientAuthentication };
}

function readSecretSigner(read: Read): Partial<ProviderSettings> {
  const [issuer, keyId] = [read("TEAM_ID"), read("KEY_ID")];
  return issuer && keyId ? { secretSigner: { issuer, keyId } } : {};
}

/** `_PRIVATE_KEY_1` and so on: keys that the provider may still, or already, know. */
function furtherKeys(source: Source, prefix: string): (string | undefined)[] {
  const names = Object.keys(source).filter((name) => /_PRIVATE_KEY_\d+$/.test(name) && name.startsWith(prefix));
  return names.sort().map((name) => source[name]);
}

function isIssuer(text: string, allowHttpLoopback: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.search || url.hash || url.username || url.password) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname) && allowHttpLoopback);
}
