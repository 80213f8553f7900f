import "server-only";
import { errorJson, shut } from "../http/error-reply";
import { publicKeySet } from "../oidc/client-keys";
import { findProvider } from "../settings/env";

// A provider that meets a new `kid` asks again; until then it need not. A key is there before it signs (docs/reference.md).
const freshSeconds = 300;

/**
 * `GET /api/oidc/[provider]/jwks`: the public halves of the keys that this client signs with, those that do not sign yet or
 * any more among them, so that one can take another's place without a gap. 404 where there are none.
 *
 * Source: OpenID Connect Dynamic Client Registration 1.0, section 2 (`jwks_uri`); OpenID Connect Core 1.0, section 10.1.1.
 */
export async function answerClientKeys(request: Request, providerId: string): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return shut(405, { Allow: "GET, HEAD" });
  const provider = findProvider(providerId);
  if (!provider) return errorJson("unknown_provider");
  if (provider.privateKeys.length === 0) return shut(404);
  const headers = {
    "Content-Type": "application/jwk-set+json",
    "Cache-Control": `public, max-age=${freshSeconds}`,
  };
  return new Response(JSON.stringify(await publicKeySet(provider)), { headers });
}
