import "server-only";
import daemun from "@/daemun.config";
import type { Configuration, DaemunConfig, Deadlines } from "@/edge/config";
import { configSchema } from "@/edge/config-schema";
import { fitsPath } from "@/edge/gate";
import { providerTypes } from "@/edge/provider-ids";
import { isBound } from "./bound";
import { unknownLanguages } from "./check-labels";
import { env } from "./env";
import { explainIssues } from "./explain-issue";
import { didYouMean, nearest } from "./nearest";
import type { ProviderSettings } from "./providers";
import { variablePrefix } from "./read-providers";
import type { ServiceSettings } from "./services";

const file = "daemun.config.ts: ";

/**
 * What is wrong with `daemun.config.ts`, each fault by its key path and with how to write it. Types keep most of it away; this
 * keeps the rest. The build asks this, and the start once more.
 */
export function checkConfig(config: unknown = daemun): string[] {
  const parsed = configSchema.safeParse(config);
  const faults = parsed.success ? contradictions(parsed.data) : explainIssues(parsed.error.issues, config);
  return faults.map((fault) => file + fault);
}

/** What only the environment shows: deadlines that it overrides, and providers that are named otherwise there. */
export function checkWithEnvironment(config: DaemunConfig = daemun): string[] {
  const { session, providers, services } = env();
  const own = Object.keys(config.providers ?? {});
  const misspelt = unnamedProviders(config).flatMap(({ id, meant }) =>
    meant === null || own.includes(meant)
      ? []
      : [
          `${file}providers.${id}: is no provider of the environment.${didYouMean(meant)} If both are meant, add ${meant}: {}.`,
        ],
  );
  const overridden = Object.keys(session).length > 0 ? { ...config.session, ...session } : null;
  return [
    ...(providers.length > 0 ? misspelt : []),
    ...(overridden ? idlePastAbsolute("SESSION_IDLE_SECONDS, SESSION_ABSOLUTE_SECONDS", overridden) : []),
    ...providers.flatMap(exposedAndBound),
    ...services.flatMap(exchangedElsewhere),
  ];
}

/** A provider that the environment does not have can be asked for nothing, and its users have no tokens. */
function exchangedElsewhere({ id, authentication }: ServiceSettings): string[] {
  if (authentication.kind !== "exchange") return [];
  const ids = env().providers.map((provider) => provider.id);
  const named = [
    ...(authentication.provider === undefined ? [] : [["provider", authentication.provider] as const]),
    ...(authentication.subjectProviders ?? []).map((one) => ["subjectProviders", one] as const),
  ];
  return named
    .filter(([, one]) => !ids.includes(one))
    .map(
      ([key, one]) =>
        `${file}services.${id}.authentication.${key}: is no provider of the environment.${didYouMean(nearest(one, ids))}`,
    );
}

/** A bound token is of no use to a browser: the key stays here, and the route would refuse everybody. */
function exposedAndBound(provider: ProviderSettings): string[] {
  const { id, resources, clientAuthentication } = provider;
  const isPublic = clientAuthentication === "none";
  const bound = resources.find(({ dpop }) => dpop);
  return resources.flatMap((resource) => {
    const { indicator, exposeToBrowser } = resource;
    if (!exposeToBrowser || !isBound(provider, { resource: indicator })) return [];
    const cause =
      isPublic && !provider.dpop && bound
        ? `resources "${bound.indicator}".dpop, which binds every token of the public client ${id}`
        : `providers.${id}.dpop (${variablePrefix(id)}_DPOP)`;
    const cure = isPublic ? "" : " Or say dpop: false of that resource.";
    return [`${file}resources "${indicator}".exposeToBrowser: must not be said together with ${cause}.${cure}`];
  });
}

/** The ids of `providers` that the environment does not name, with the one of its own that each was probably meant to be. */
export function unnamedProviders(
  config: Pick<DaemunConfig, "providers"> = daemun,
): { id: string; meant: string | null }[] {
  const named = env().providers.map(({ id }) => id);
  const unnamed = Object.keys(config.providers ?? {}).filter((id) => !named.includes(id));
  // One that only has more behind it (company, company-eu) is a name of its own.
  const isLonger = (id: string, meant: string) => id.startsWith(meant) || meant.startsWith(id);
  return unnamed.map((id) => {
    const meant = nearest(
      id,
      named.filter((name) => !isLonger(id, name)),
    );
    return { id, meant };
  });
}

/** Of several providers, those of which configuration does not say whether their roles, or addresses, count. They do not. */
export function providersWithoutTrust(
  trait: "trustRoles" | "trustEmail",
  ids: readonly string[] = env().providers.map(({ id }) => id),
  { providers }: Pick<Configuration, "providers"> = daemun,
): string[] {
  if (ids.length < 2) return [];
  return ids.filter((id) => !Object.hasOwn(providers, id) || providers[id]?.[trait] === undefined);
}

/** What each part allows and all together cannot be. */
function contradictions(config: DaemunConfig): string[] {
  return [
    ...unknownResources(config),
    ...exchangeFaults(config),
    ...unknownProviders(config),
    ...assumedOfAnyTenant(config),
    ...deadlineFaults(config),
    ...gateFaults(config),
    ...unknownLanguages(config),
  ];
}

/** Whoever administers a tenant of their own writes into it whatever address they like. */
function assumedOfAnyTenant({ providers = {} }: DaemunConfig): string[] {
  return Object.entries(providers).flatMap(([id, { assumeEmailVerified, signIn }]) =>
    assumeEmailVerified !== undefined && signIn?.tenants === "any"
      ? [`providers.${id}.assumeEmailVerified: must not be said where signIn.tenants is "any"`]
      : [],
  );
}

function unknownResources({ services = {}, resources = [] }: DaemunConfig): string[] {
  const known = new Set(resources.map(({ indicator }) => indicator));
  return Object.entries(services).flatMap(([id, { authentication }]) =>
    authentication.kind === "resource" && !known.has(authentication.resource)
      ? [
          `services.${id}.authentication.resource: is not the indicator of one of resources.${didYouMean(nearest(authentication.resource, known))}`,
        ]
      : [],
  );
}

/** A token that is exchanged for nothing in particular would be good at more than the service. */
function exchangeFaults({ services = {}, resources = [], gates }: DaemunConfig): string[] {
  const known = new Set(resources.map(({ indicator }) => indicator));
  const signs = Object.values(services).some(
    ({ authentication }) =>
      authentication.kind === "assertion" || (authentication.kind === "exchange" && authentication.actor),
  );
  const keys = "/.well-known/jwks.json";
  const isShut = signs && gates.find((gate) => covers(gate.path, keys))?.access !== "public";
  return [
    ...Object.entries(services).flatMap(([id, { authentication }]) => {
      if (authentication.kind !== "exchange") return [];
      const { audience, resource, subjectResource } = authentication;
      const place = `services.${id}.authentication`;
      const isNone = audience === undefined && resource === undefined;
      const isUnknown = subjectResource !== undefined && !known.has(subjectResource);
      return [
        ...(isNone ? [`${place}: must name an audience or a resource`] : []),
        ...(isUnknown
          ? [
              `${place}.subjectResource: is not the indicator of one of resources.${didYouMean(nearest(subjectResource, known))}`,
            ]
          : []),
      ];
    }),
    ...(isShut
      ? [
          `gates: ${keys} needs a session, and no service could read the keys that this app signs with. Add { path: "${keys}", access: "public" } before what covers it.`,
        ]
      : []),
  ];
}

/** Ids that no provider can have, and those of a resource that are a letter away from one that is known here. */
function unknownProviders({ providers = {}, resources = [] }: DaemunConfig): string[] {
  const isId = (id: string) => /^[a-z][a-z0-9-]{0,31}$/.test(id);
  const known = [...Object.keys(providers).filter(isId), ...providerTypes];
  const form =
    "is no provider's id: a lower-case letter, then letters, digits or hyphens, as AUTH_<ID>_ID has it in capitals.";
  return [
    ...Object.keys(providers).flatMap((id) => (isId(id) ? [] : [`providers.${id}: ${form}`])),
    ...resources.flatMap(({ providers: ids = [] }, at) =>
      ids.flatMap((id) => {
        if (!isId(id)) return [`resources.${at}.providers: "${id}" ${form}`];
        const meant = known.includes(id) ? null : nearest(id, known);
        return meant === null ? [] : [`resources.${at}.providers: "${id}" is no provider.${didYouMean(meant)}`];
      }),
    ),
  ];
}

function deadlineFaults({ session, providers = {} }: DaemunConfig): string[] {
  const { remembered, ...general } = session;
  return [
    ...idlePastAbsolute("session", general),
    ...(remembered ? idlePastAbsolute("session.remembered", remembered) : []),
    ...Object.entries(providers).flatMap(([id, { session: own }]) => [
      ...(own?.idleSeconds || own?.absoluteSeconds
        ? idlePastAbsolute(`providers.${id}.session`, { ...general, ...own })
        : []),
      ...(own?.remembered ? idlePastAbsolute(`providers.${id}.session.remembered`, own.remembered) : []),
    ]),
  ];
}

function idlePastAbsolute(place: string, { idleSeconds, absoluteSeconds }: Deadlines): string[] {
  if (idleSeconds <= absoluteSeconds) return [];
  return [
    `${place}: a session would end after ${absoluteSeconds} seconds, before ${idleSeconds} without activity could pass. Make idleSeconds the smaller.`,
  ];
}

// Where nobody is signed in yet, or any more. A gate in front of one of these would keep everybody out for good.
const openPaths = ["/sign-in", "/auth-error", "/signed-out", "/api/auth/*", "/api/oidc/*"];

function gateFaults({ gates, signedOutPath }: DaemunConfig): string[] {
  const open = [...new Set([...openPaths, ...(signedOutPath === undefined ? [] : [signedOutPath])])];
  const shut = open.filter((path) => gates.find((gate) => covers(gate.path, path))?.access !== "public");
  return [
    ...shut.map(
      (path) =>
        `gates: ${path} needs a session, and nobody could sign in or out. Add { path: "${path}", access: "public" } before what covers it.`,
    ),
    ...gates.flatMap((gate, at) => {
      const first = gates.findIndex((other) => covers(other.path, gate.path));
      const before = gates[first];
      const isSame = before?.access === gate.access && String(before.roles) === String(gate.roles);
      return !before || first >= at || isSame
        ? []
        : [
            `gates.${at}: never decides, because gates.${first} ("${before.path}") fits all of ${gate.path}: put it before that one.`,
          ];
    }),
  ];
}

/** Whether one pattern fits everything that another does. */
function covers(pattern: string, other: string): boolean {
  if (!other.endsWith("/*")) return fitsPath(pattern, other);
  return pattern.endsWith("/*") && fitsPath(pattern, other.slice(0, -2) || "/");
}
