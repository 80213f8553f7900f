import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

// RFC 9126, section 2.2.
const reference = "urn:ietf:params:oauth:request_uri:";

/** What a token endpoint was sent. */
export interface TokenRequest {
  body: Record<string, string>;
  authorization: string | null;
}

/** A provider of a test's own, which says what the test wants and takes what the test takes. */
export interface StrictProvider {
  origin: string;
  /** Where in it the issuer is. */
  issuer: string;
  /** Members of the discovery document besides the usual ones, or in their place. */
  metadata: Record<string, unknown>;
  /** Claims of the next ID tokens besides the usual ones, or in their place. */
  claims: JWTPayload;
  /** Members of the next token responses besides the usual ones, or in their place. */
  tokens: Record<string, unknown>;
  /** What the token endpoint says in place of tokens; null for tokens. */
  refusal: Record<string, unknown> | null;
  tokenRequests: TokenRequest[];
  /** The authorization requests that were pushed (RFC 9126). */
  pushedRequests: TokenRequest[];
  /** What the last authorization request asked for. */
  asked: URLSearchParams;
  /** The nonce of the ID token that a code brings, where several sign-ins are under way; that of the last request for others. */
  nonces: Map<string, string>;
  /** Takes the browser's authorization request, and gives the parameters of its answer. */
  authorize(location: string): URLSearchParams;
  stop(): Promise<void>;
}

/**
 * Starts one with an ES256 key.
 *
 * @param issuerPath where the issuer is in it, and its discovery document, unless `discoveryPath` says otherwise
 */
export async function startStrictProvider(
  options: { issuerPath?: string; discoveryPath?: string } = {},
): Promise<StrictProvider> {
  const { issuerPath = "" } = options;
  const discoveryPath = options.discoveryPath ?? `${issuerPath}/.well-known/openid-configuration`;
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256", use: "sig" }];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    const path = request.url ?? "";
    if (path === discoveryPath) return json(200, { ...usual(provider), ...provider.metadata });
    if (path === "/jwks") return json(200, { keys });
    const requests = path === "/token" ? provider.tokenRequests : path === "/par" ? provider.pushedRequests : null;
    if (!requests) return json(404, {});
    const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString("utf8")));
    requests.push({ body, authorization: request.headers.authorization ?? null });
    if (path === "/par")
      return json(201, { request_uri: `${reference}${provider.pushedRequests.length}`, expires_in: 60 });
    if (provider.refusal) return json(400, provider.refusal);
    const now = Math.floor(Date.now() / 1000);
    const nonce = provider.nonces.get(body.code ?? "") ?? provider.asked.get("nonce") ?? "";
    const claims = { iss: provider.issuer, sub: "user-1", aud: provider.asked.get("client_id") ?? "", nonce };
    const idToken = await new SignJWT({ ...claims, iat: now, exp: now + 300, ...provider.claims })
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .sign(privateKey);
    return json(200, {
      access_token: "at-1",
      token_type: "Bearer",
      expires_in: 300,
      id_token: idToken,
      ...provider.tokens,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: StrictProvider = {
    origin,
    issuer: `${origin}${issuerPath}`,
    metadata: {},
    claims: {},
    tokens: {},
    refusal: null,
    tokenRequests: [],
    pushedRequests: [],
    asked: new URLSearchParams(),
    nonces: new Map(),
    authorize(location) {
      provider.asked = new URL(location).searchParams;
      const uri = provider.asked.get("request_uri");
      const pushed = uri === null ? undefined : provider.pushedRequests[Number(uri.slice(reference.length)) - 1];
      if (pushed) provider.asked = new URLSearchParams(pushed.body);
      return new URLSearchParams({ code: "c-1", state: provider.asked.get("state") ?? "" });
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return provider;
}

function usual({ origin, issuer }: StrictProvider): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/jwks`,
    id_token_signing_alg_values_supported: ["RS256", "ES256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt", "none"],
  };
}
