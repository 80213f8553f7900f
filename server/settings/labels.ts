import "server-only";
import type { Labels, ScopeLabels, Service } from "@/edge/config";
import type { ProviderSettings } from "./providers";

/** What people call something on a page of this language; what it is called in another, if need be; null without any label. */
export function labelIn(labels: Labels | undefined, locale: string): string | null {
  const said = new Map(Object.entries(labels ?? {}));
  return said.get(locale) ?? said.get("en") ?? [...said.values()][0] ?? null;
}

/** A name that stands for all languages but those that have a label of their own. */
export function nameIn({ name, labels }: { name: string; labels?: Labels }, locale: string): string {
  return new Map(Object.entries(labels ?? {})).get(locale) ?? name;
}

/** What people call a service on a page of this language. */
export function serviceName(service: Pick<Service, "name" | "labels">, locale: string): string {
  return nameIn(service, locale);
}

/** What people call scopes on a page of this language: later ones come before former ones. */
export function scopeNames(labels: readonly (ScopeLabels | undefined)[], locale: string): Record<string, string> {
  const entries = labels.flatMap((some) => Object.entries(some ?? {}));
  const names = entries.flatMap(([scope, said]) => {
    const label = labelIn(said, locale);
    return label === null ? [] : [[scope, label] as const];
  });
  return Object.fromEntries(names);
}

/** Where a provider's users change there what it says of them; null where that is not known. */
export function accountPageOf({
  accountPage,
  issuer,
}: Pick<ProviderSettings, "accountPage" | "issuer">): string | null {
  if (accountPage === undefined || !URL.canParse(issuer)) return null;
  const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  return accountPage.replace("{issuer}", base).replace("{origin}", new URL(issuer).origin);
}
