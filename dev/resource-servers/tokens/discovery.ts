import { z } from "zod";
import { Unavailable } from "./bearer";

const metadataSchema = z.object({
  issuer: z.url(),
  jwks_uri: z.url(),
  introspection_endpoint: z.url().optional(),
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

/**
 * Finds out about an issuer (OIDC Discovery §4) when it is first asked for, and remembers what it found.
 *
 * @returns a function that throws Unavailable while the issuer does not answer, or answers for another one
 */
export function discoverLazily(issuer: string): () => Promise<IssuerMetadata> {
  let known: Promise<IssuerMetadata> | undefined;
  return () => {
    known ??= discover(issuer).catch((cause: unknown) => {
      known = undefined;
      throw new Unavailable(`${issuer} cannot be discovered.`, { cause });
    });
    return known;
  };
}

async function discover(issuer: string): Promise<IssuerMetadata> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000) });
  const metadata = metadataSchema.parse(await response.json());
  if (metadata.issuer !== issuer) throw new Error(`It says it is ${metadata.issuer}.`);
  return metadata;
}
