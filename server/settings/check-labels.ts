import "server-only";
import type { DaemunConfig, Labels, ScopeLabels } from "@/edge/config";
import { locales } from "@/messages/locales";

interface Labelled {
  labels?: Labels;
  scopeLabels?: ScopeLabels;
}

/** Labels of `daemun.config.ts` in languages that the app does not speak: nobody would ever read them. */
export function unknownLanguages({ resources = [], services = {}, providers = {} }: DaemunConfig): string[] {
  return [
    ...resources.flatMap((resource, at) => faultsOf(`resources.${at}`, resource)),
    ...Object.entries(services).flatMap(([id, service]) => faultsOf(`services.${id}`, service)),
    ...Object.entries(providers).flatMap(([id, provider]) => faultsOf(`providers.${id}`, provider)),
  ];
}

function faultsOf(place: string, { labels, scopeLabels = {} }: Labelled): string[] {
  const scopes = Object.entries(scopeLabels).map(([scope, said]) => [`${place}.scopeLabels.${scope}`, said] as const);
  return [[`${place}.labels`, labels ?? {}] as const, ...scopes].flatMap(([path, said]) =>
    Object.keys(said)
      .filter((language) => !(locales as readonly string[]).includes(language))
      .map((language) => `${path}.${language}: is no language of the app: ${locales.join(", ")}.`),
  );
}
