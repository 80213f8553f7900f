import "server-only";
import type { ProviderSettings } from "../settings/providers";

const placeholder = "{tenantid}";

/** What its discovery document calls itself: where each tenant has an issuer of its own, literally the template. */
export function discoveredIssuer({ issuer, issuerTemplate }: ProviderSettings): string {
  return issuerTemplate ?? issuer;
}

/**
 * The issuer of the tokens of a tenant; null where `tid` is no name of a tenant. A provider with one issuer has that for all.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
export function issuerFor({ issuer, issuerTemplate }: ProviderSettings, tid: unknown): string | null {
  if (issuerTemplate === null) return issuer;
  // A word: with a slash in it, one issuer could pass for another.
  if (typeof tid !== "string" || !/^[A-Za-z0-9-]{1,64}$/.test(tid)) return null;
  return issuerTemplate.replace(placeholder, tid);
}

/** Whether an issuer is this provider's: the one that it has, or that of one of its tenants. */
export function isIssuerOf(provider: ProviderSettings, issuer: string | null): boolean {
  const { issuerTemplate } = provider;
  if (issuerTemplate === null || issuer === null) return issuer === provider.issuer;
  const { before, after } = partsOf(issuerTemplate);
  return issuerFor(provider, issuer.slice(before.length, issuer.length - after.length)) === issuer;
}

/** What stands before and after the tenant in an issuer of many tenants; null where there is one issuer. */
export function issuerParts({ issuerTemplate }: ProviderSettings): { before: string; after: string } | null {
  return issuerTemplate === null ? null : partsOf(issuerTemplate);
}

function partsOf(template: string): { before: string; after: string } {
  const [before = "", after = ""] = template.split(placeholder, 2);
  return { before, after };
}
