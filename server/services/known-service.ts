import "server-only";
import type { Service } from "@/edge/config";
import { hasRole } from "@/edge/gate";
import type { ResourceIndicator } from "../oidc/dialects";
import { signInHost } from "../oidc/leads-to";
import type { ActiveSession } from "../sessions/registry/active-session";
import type { ServiceId, ServiceSettings } from "../settings/services";
import { findService, listServices } from "./registry";
import { findRoute, parseServicePath } from "./service-path";
import { isConnectable, providerOf } from "./service-provider";

type Authentication = Service["authentication"];

/** How it knows who is calling; a resource by the literal name that `getAccessToken` takes. */
type KnownAuthentication =
  | Exclude<Authentication, { kind: "resource" }>
  | (Extract<Authentication, { kind: "resource" }> & { resource: ResourceIndicator });

/** What a page may know of a service: what `daemun.config.ts` says of it, and neither its address nor its client. */
export interface KnownService extends Omit<Service, "baseUrl" | "authentication"> {
  id: ServiceId;
  authentication: KnownAuthentication;
  /** The host that connecting it leads to, to be told before; null where nobody connects it. */
  connectHost: string | null;
}

/** The service of that id, or null where none is set up. */
export function getService(id: ServiceId | (string & Record<never, never>)): KnownService | null {
  const service = findService(id);
  return service && known(service);
}

/** Every service that is set up, in the order of `daemun.config.ts`. */
export function getServices(): KnownService[] {
  return listServices().map(known);
}

/**
 * Whether the proxy would pass that call on for this session's user: to show a button, or to refuse an action. No I/O.
 *
 * @param path below the service's base URL, without a query
 */
export function mayCall({ roles }: ActiveSession, id: ServiceId, method: string, path: string): boolean {
  if (parseServicePath(path)?.path !== path) return false;
  const { route } = findRoute(findService(id)?.routes ?? [], path, method);
  return route !== null && hasRole(route.roles, roles);
}

// A page hands on what it has; a secret must not be in it.
function known(settings: ServiceSettings): KnownService {
  const { baseUrl: _address, client: _client, ...service } = settings;
  return {
    ...service,
    id: service.id as ServiceId,
    authentication: service.authentication as KnownAuthentication,
    connectHost: isConnectable(settings) ? signInHost(providerOf(settings)) : null,
  };
}
