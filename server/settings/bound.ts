import "server-only";
import type { ProviderSettings } from "./providers";

/** Whether tokens for a resource, "" for none, are bound to a key of ours (RFC 9449): as the resource says, else as the provider does. */
export function isBound(provider: ProviderSettings, { resource: indicator }: { resource: string }): boolean {
  const { dpop, resources, clientAuthentication } = provider;
  // The refresh tokens of a public client are bound from the code exchange on (section 5): each request needs the key.
  if (clientAuthentication === "none") return dpop || resources.some((resource) => resource.dpop === true);
  return resources.find((resource) => resource.indicator === indicator)?.dpop ?? dpop;
}
