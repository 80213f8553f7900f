import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { authenticationFor, requireSupported } from "./client-authentication";
import { publicKeySet } from "./client-keys";
import type { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";

const issuer = "https://provider.example";
const clientId = "app-1";
const metadata: ProviderMetadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
};
const standard: ProviderSettings = {
  ...standardProvider,
  id: "strict",
  type: "oidc",
  name: "Strict",
  issuer,
  clientId,
  clientSecret: "s3cret value",
  scope: "openid",
};
const pemOf = (key: KeyObject) => String(key.export({ type: "pkcs8", format: "pem" }));
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const ed25519 = generateKeyPairSync("ed25519").privateKey;

afterEach(() => vi.restoreAllMocks());

/** What a token request says of this client. */
async function sentBy(provider: ProviderSettings, told: Partial<ProviderMetadata> = {}) {
  const body = new URLSearchParams();
  const headers = new Headers();
  const server = { ...metadata, ...told };
  await authenticationFor(provider, server)(server as never, { client_id: clientId }, body, headers);
  return { body: Object.fromEntries(body), authorization: headers.get("authorization") };
}

function faultOf(provider: ProviderSettings, told: Partial<ProviderMetadata> = {}): string | null {
  try {
    requireSupported(provider, { ...metadata, ...told });
    return null;
  } catch (error) {
    const { code, detail } = error as OidcError;
    return `${code} ${detail}`;
  }
}

describe("a client's secret", () => {
  it("FF-41: goes into the header, into the body where metadata lists only that, and wherever the operator says", async () => {
    const header = `Basic ${btoa(`${clientId}:s3cret+value`)}`;
    const inBody = { client_id: clientId, client_secret: "s3cret value" };
    expect(await sentBy(standard)).toEqual({ body: {}, authorization: header });
    const both = { token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"] };
    expect(await sentBy(standard, both)).toEqual({ body: {}, authorization: header });
    const post = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
    expect(await sentBy(standard, post)).toEqual({ body: inBody, authorization: null });
    const asked = { ...standard, clientAuthentication: "client_secret_post" } as const;
    expect(await sentBy(asked, both)).toEqual({ body: inBody, authorization: null });
  });

  it("FF-41: is not there for a public client, which says its name alone", async () => {
    const provider = { ...standard, clientSecret: "", clientAuthentication: "none" } as const;
    expect(await sentBy(provider)).toEqual({ body: { client_id: clientId }, authorization: null });
  });

  it("FF-41: may be a JWT of a few minutes, signed as Apple wants it", async () => {
    const provider = {
      ...standard,
      clientSecret: "",
      clientAuthentication: "signed_secret",
      privateKeys: [pemOf(p256)],
      secretSigner: { issuer: "TEAM", keyId: "KEY" },
    } as const;
    const { body, authorization } = await sentBy(provider);
    expect([body.client_id, authorization]).toEqual([clientId, null]);
    const { payload, protectedHeader } = await jwtVerify(body.client_secret ?? "", createPublicKey(p256));
    expect(protectedHeader).toEqual({ alg: "ES256", kid: "KEY" });
    expect(payload).toMatchObject({ iss: "TEAM", sub: clientId, aud: issuer });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  });
});

describe("a signed assertion", () => {
  const signing = (...privateKeys: string[]): ProviderSettings => ({
    ...standard,
    clientSecret: "",
    clientAuthentication: "private_key_jwt",
    privateKeys,
  });

  it.each([
    ["RS256", rsa, pemOf(rsa)],
    ["ES256", p256, pemOf(p256)],
    ["Ed25519", ed25519, pemOf(ed25519)],
    ["PS256", rsa, JSON.stringify({ ...rsa.export({ format: "jwk" }), alg: "PS256" })],
    ["EdDSA", ed25519, JSON.stringify({ ...ed25519.export({ format: "jwk" }), alg: "EdDSA" })],
  ])("FF-41: is signed by %s as the key is, and lives for a minute", async (alg, key, text) => {
    const { body, authorization } = await sentBy(signing(text));
    expect(authorization).toBeNull();
    expect(Object.keys(body).sort()).toEqual(["client_assertion", "client_assertion_type", "client_id"]);
    const { payload, protectedHeader } = await jwtVerify(body.client_assertion ?? "", createPublicKey(key), {
      audience: issuer,
      issuer: clientId,
      subject: clientId,
    });
    const kid = await calculateJwkThumbprint(createPublicKey(key).export({ format: "jwk" }) as JWK);
    expect(protectedHeader).toMatchObject({ alg, kid });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(60);
    const again = await sentBy(signing(text));
    expect(again.body.client_assertion).not.toBe(body.client_assertion);
  });

  it("FF-41: is for the token endpoint where a provider takes no other audience", async () => {
    const { body } = await sentBy({ ...signing(pemOf(rsa)), assertionAudience: "token_endpoint" });
    expect(decodeJwt(body.client_assertion ?? "").aud).toBe(metadata.token_endpoint);
  });

  it("FF-41: comes from the first key, while the public half of each is told and the private half of none", async () => {
    const named = JSON.stringify({ ...p256.export({ format: "jwk" }), kid: "next" });
    const [old, both] = [signing(pemOf(rsa)), signing(named, pemOf(rsa))];
    const before = decodeProtectedHeader((await sentBy(old)).body.client_assertion ?? "");
    const after = decodeProtectedHeader((await sentBy(both)).body.client_assertion ?? "");
    expect(after).toMatchObject({ alg: "ES256", kid: "next" });
    const { keys } = (await publicKeySet(both)) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ kid }) => kid)).toEqual(["next", before.kid]);
    for (const key of keys)
      for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) expect(key).not.toHaveProperty(secret);
  });
});

describe("what a provider wants and this app does not do", () => {
  it("FF-41: is said before the browser is sent there", () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect(faultOf(standard)).toBeNull();
    for (const [told, cause] of [
      [{ token_endpoint_auth_methods_supported: ["tls_client_auth"] }, "client_authentication"],
      [{ require_pushed_authorization_requests: true }, "pushed_authorization_requests"],
      [{ require_signed_request_object: true }, "signed_request_object"],
    ] as const)
      expect(faultOf(standard, told as Partial<ProviderMetadata>)).toBe(`provider_misconfigured ${cause}`);
  });

  it("FF-40: is an algorithm of ID tokens that its metadata does not list", () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const pinned = { ...standard, idTokenAlg: "ES256" };
    expect(faultOf(pinned, { id_token_signing_alg_values_supported: ["RS256"] })).toBe(
      "provider_misconfigured id_token_alg",
    );
    expect(faultOf(pinned, { id_token_signing_alg_values_supported: ["RS256", "ES256"] })).toBeNull();
  });
});
