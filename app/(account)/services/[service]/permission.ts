import "server-only";
import type { ServiceSettings } from "@/server/service-settings";
import { findRoute } from "@/server/services/service-path";
import type { ActiveSession } from "@/server/sessions/session-state";
import { getAccessToken } from "@/server/sessions/session-tokens";

/** Whether the proxy would let this person make that call. */
export function mayCall({ roles }: ActiveSession, service: ServiceSettings, method: string, path: string): boolean {
  const { route } = findRoute(service.routes ?? [], path, method);
  return route !== null && (!route.roles || route.roles.some((role) => roles.includes(role)));
}

/** Whether the person was granted `scope` where the service takes tokens of their sign-in provider. */
export async function hasScope(
  { authentication }: ServiceSettings,
  scope: string,
  organization?: string,
): Promise<boolean> {
  if (authentication.kind !== "resource") return false;
  const { resource } = authentication;
  const outcome = await getAccessToken({ resource, ...(organization !== undefined && { organization }) });
  return outcome.kind === "token" && outcome.scope.split(" ").includes(scope);
}
