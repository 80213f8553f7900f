import "server-only";
import daemun from "@/daemun.config";
import { metadataPath, resourceOf } from "@/edge/access-token";
import type { Configuration } from "@/edge/config";
import { shut } from "../../../http/error-reply";
import { proofAlgorithms } from "../../../oidc/request-proof";
import { env } from "../../../settings/env";
import { tokenProviders } from "./providers";

/**
 * `GET /.well-known/oauth-protected-resource/<path of a gate>`: how clients get access tokens for what is there. Without a path,
 * of the app as a whole. 404 where no gate lets tokens pass.
 *
 * Source: RFC 9728, sections 2 and 3.
 */
export function describeResource(request: Request, config: Configuration = daemun): Response {
  const { authUrl } = env();
  const resources = config.gates.filter(({ bearer }) => bearer).map((gate) => resourceOf(authUrl, gate));
  const asked = authUrl + new URL(request.url).pathname.slice(metadataPath.length);
  if (resources.length === 0 || (asked !== authUrl && !resources.includes(asked))) return shut(404);
  const scopes = config.resources.find(({ indicator }) => indicator === asked)?.scopes;
  const document = {
    resource: asked,
    authorization_servers: tokenProviders().map(({ issuer }) => issuer),
    ...(scopes && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: proofAlgorithms,
  };
  return Response.json(document, { headers: { "Cache-Control": "public, max-age=300" } });
}
