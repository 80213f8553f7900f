import "server-only";
import type { z } from "zod";
import daemun from "@/daemun.config";
import type { Configuration } from "@/edge/config";
import { configSchema } from "@/edge/config-schema";
import { env } from "./env";

/** What is wrong with `daemun.config.ts`, each fault by its place. Types keep most of it away; this keeps the rest. */
export function checkConfig(config: unknown = daemun): string[] {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return [...unknownResources(parsed.data), ...assumedOfAnyTenant(parsed.data)];
  return parsed.error.issues.map(({ path, message }) => `daemun.config.ts: ${path.join(".")}: ${message}`);
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

/** Whoever administers a tenant of their own writes into it whatever address they like. */
function assumedOfAnyTenant({ providers = {} }: z.infer<typeof configSchema>): string[] {
  return Object.entries(providers).flatMap(([id, { assumeEmailVerified, signIn }]) =>
    assumeEmailVerified !== undefined && signIn?.tenants === "any"
      ? [`daemun.config.ts: providers.${id}.assumeEmailVerified: must not be said where signIn.tenants is "any"`]
      : [],
  );
}

function unknownResources({ services = {}, resources = [] }: z.infer<typeof configSchema>): string[] {
  const known = new Set(resources.map(({ indicator }) => indicator));
  return Object.entries(services).flatMap(([id, { authentication }]) =>
    authentication.kind === "resource" && !known.has(authentication.resource)
      ? [`daemun.config.ts: services.${id}.authentication.resource: is not the indicator of one of resources`]
      : [],
  );
}
