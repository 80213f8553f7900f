import "server-only";
import { env } from "../settings/env";
import type { ServiceSettings } from "../settings/services";

/** The service of that id, if it is set up. */
export function findService(id: string): ServiceSettings | null {
  return env().services.find((service) => service.id === id) ?? null;
}

/** Every service that is set up, in the order of `daemun.config.ts`. */
export function listServices(): readonly ServiceSettings[] {
  return env().services;
}
