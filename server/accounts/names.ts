import "server-only";
import { providerName } from "../auth/provider-list";
import { findService } from "../services/registry";
import { serviceName } from "../settings/labels";

const service = "service:";

/** What people call a provider or a service that a row names by its id. One that is no longer set up is called by that. */
export function nameOf(id: string | null, locale: string): string {
  if (id === null) return "";
  const bare = id.startsWith(service) ? id.slice(service.length) : id;
  const found = findService(bare);
  return (id.startsWith(service) ? null : knownProvider(bare, locale)) ?? (found && serviceName(found, locale)) ?? bare;
}

function knownProvider(id: string, locale: string): string | null {
  const name = providerName(id, locale);
  return name === id ? null : name;
}
