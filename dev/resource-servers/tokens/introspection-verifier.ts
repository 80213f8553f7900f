import { z } from "zod";
import { type VerifyToken, wordsOf } from "./access-token";
import { invalidToken, Unavailable } from "./bearer";
import { discoverLazily } from "./discovery";

export interface IntrospectionOptions {
  issuer: string;
  /** The service's own, at its authorization server. */
  clientId: string;
  clientSecret: string;
}

const answerSchema = z.object({
  active: z.boolean(),
  token_type: z.string().optional(),
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  client_id: z.string().optional(),
  scope: z.string().optional(),
});

const inactive: z.infer<typeof answerSchema> = { active: false };

/** Verifies opaque access tokens by asking the authorization server about each, each time (RFC 7662 §2). */
export function introspectionVerifier({ issuer, clientId, clientSecret }: IntrospectionOptions): VerifyToken {
  const discover = discoverLazily(issuer);
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  return async (token) => {
    const { introspection_endpoint: endpoint } = await discover();
    if (!endpoint) throw new Unavailable(`${issuer} offers no introspection.`);
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { authorization: `Basic ${credentials.toString("base64")}` },
      body: new URLSearchParams({ token, token_type_hint: "access_token" }),
      signal: AbortSignal.timeout(5_000),
    })
      // 400: not a kind of token that can be introspected, an ID token say.
      .then(async (response) => (response.status === 400 ? inactive : answerSchema.parse(await response.json())))
      .catch((cause: unknown) => {
        throw new Unavailable("The authorization server cannot be asked about the token.", { cause });
      });
    // A refresh token is active too, and has no type.
    const good = answer.active && answer.token_type === "Bearer" && answer.sub && (answer.iss ?? issuer) === issuer;
    if (!good || !answer.sub) throw invalidToken("The token is not active.");
    return {
      iss: issuer,
      sub: answer.sub,
      aud: [answer.aud ?? []].flat(),
      clientId: answer.client_id ?? null,
      scopes: wordsOf(answer.scope),
      organization: null,
      thumbprint: null,
    };
  };
}
