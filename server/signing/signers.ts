import "server-only";
import { env } from "../settings/env";
import type { ServiceSettings } from "../settings/services";

/** What this app can sign with. */
export type SigningAlgorithm = "ES256" | "RS256";

/** What this app signs an actor's statement with. */
export const actorAlgorithm: SigningAlgorithm = "ES256";

/** The algorithms that the services which are set up need keys of; none where this app signs nothing. */
export function signingAlgorithms(services: readonly ServiceSettings[] = env().services): SigningAlgorithm[] {
  const needed = services.flatMap(({ authentication }): SigningAlgorithm[] => {
    if (authentication.kind === "assertion") return [authentication.algorithm ?? "ES256"];
    return authentication.kind === "exchange" && authentication.actor ? [actorAlgorithm] : [];
  });
  return [...new Set(needed)];
}
