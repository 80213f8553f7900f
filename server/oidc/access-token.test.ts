import { createHash, createHmac } from "node:crypto";
import { exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { issuerIn, isTooLong, verifyAccessToken } from "./access-token";
import type { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";

const issuer = "https://company.example";
const audience = "https://app.example/api/reports";
const now = new Date("2026-11-21T12:00:00.900Z");
const seconds = Math.floor(now.getTime() / 1000);
const provider = { ...standardProvider, id: "company", issuer, clientId: "daemun" } as unknown as ProviderSettings;
const untyped = { ...provider, accessTokens: { requireTyp: false, introspection: false } };
const metadata = { issuer, jwks_uri: `${issuer}/jwks` } as ProviderMetadata;

let publicKey: CryptoKey;
let privateKey: CryptoKey;
let strangersKey: CryptoKey;
beforeAll(async () => {
  ({ publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true }));
  ({ privateKey: strangersKey } = await generateKeyPair("RS256"));
});

const genuine = {
  iss: issuer,
  aud: audience,
  sub: "minsu",
  client_id: "phone-app",
  iat: seconds - 10,
  exp: seconds + 300,
  jti: "t1",
  scope: "reports:read reports:write",
};

type Changes = Record<string, unknown>;

/** A token like the genuine one but for `claims`; undefined leaves one out. */
function sign(claims: Changes = {}, header: Changes = {}, key = privateKey): Promise<string> {
  const protectedHeader = { alg: "RS256", typ: "at+jwt", ...header } as JWTHeaderParameters;
  const payload = JSON.parse(JSON.stringify({ ...genuine, ...claims }));
  return new SignJWT(payload).setProtectedHeader(JSON.parse(JSON.stringify(protectedHeader))).sign(key);
}

const verify = (token: string, at: ProviderSettings = provider, wanted = audience) =>
  verifyAccessToken(token, at, metadata, wanted, {
    now,
    settings: { clockToleranceSeconds: 30, idTokenMaxAgeSeconds: 300 },
    keys: async () => publicKey,
  });

async function faultOf(token: string, at: ProviderSettings = provider, wanted = audience): Promise<string | null> {
  try {
    await verify(token, at, wanted);
    return null;
  } catch (error) {
    const { code, detail } = error as OidcError;
    return `${code} ${detail}`;
  }
}

/** Signed with a secret, whatever it is. */
function signWithSecret(secret: string): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${encode({ alg: "HS256", typ: "at+jwt" })}.${encode(genuine)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

describe("an access token of a provider", () => {
  it("says who calls, by which client, and what for", async () => {
    expect(await verify(await sign())).toEqual({
      issuer,
      subject: "minsu",
      clientId: "phone-app",
      scopes: ["reports:read", "reports:write"],
      expiresAt: new Date((seconds + 300) * 1000),
      boundTo: null,
      claims: genuine,
    });
    expect(await faultOf(await sign({ aud: ["https://other.example", audience] }))).toBeNull();
    expect(await faultOf(await sign({}, { typ: "application/AT+JWT" }))).toBeNull();
    expect(await faultOf(await sign({ nbf: seconds + 20, iat: seconds + 20 }))).toBeNull();
  });

  it.each<[what: string, claims: Changes, fault: string]>([
    ["has run out", { exp: seconds - 31 }, "invalid_request exp"],
    ["says no end", { exp: undefined }, "invalid_request exp"],
    ["is not valid yet", { nbf: seconds + 60 }, "clock_skew nbf"],
    ["was issued in the future", { iat: seconds + 60 }, "clock_skew iat_ahead"],
    ["is for another API", { aud: "https://other.example" }, "invalid_request aud"],
    ["is for this app's client, as an ID token is", { aud: "daemun" }, "invalid_request aud"],
    ["is for nobody", { aud: undefined }, "invalid_request aud"],
    ["is for an API whose name begins like ours", { aud: `${audience}/more` }, "invalid_request aud"],
    ["names another issuer", { iss: "https://evil.example" }, "invalid_request iss"],
    ["names the issuer with a slash behind", { iss: `${issuer}/` }, "invalid_request iss"],
    ["names nobody", { sub: "" }, "invalid_request sub"],
    ["names a number", { sub: 7 }, "invalid_request sub"],
    ["leaves out its client", { client_id: undefined }, "invalid_request client_id"],
    ["has no id", { jti: undefined }, "invalid_request jti"],
    [
      "is bound to a certificate",
      { cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } },
      "invalid_request cnf",
    ],
    ["is bound to a key and a certificate", { cnf: { jkt: "k", "x5t#S256": "c" } }, "invalid_request cnf"],
    ["is bound to nothing that could be", { cnf: null }, "invalid_request cnf"],
    ["is bound to text", { cnf: "jkt" }, "invalid_request cnf"],
  ])("is refused where it %s", async (_, claims, fault) => {
    expect(await faultOf(await sign(claims))).toBe(fault);
  });

  it.each<[what: string, header: Changes]>([
    ["no type", { typ: undefined }],
    ["the type of any JWT, as ID tokens have", { typ: "JWT" }],
    ["the type of a logout token", { typ: "logout+jwt" }],
    ["the type of a proof", { typ: "dpop+jwt" }],
    ["a type that only ends so", { typ: "x-at+jwt" }],
  ])("is refused with %s", async (_, header) => {
    expect(await faultOf(await sign({}, header))).toBe("invalid_request typ");
  });

  it("is refused with another signature, with none, and with a secret for a key", async () => {
    expect(await faultOf(await sign({}, {}, strangersKey))).toBe("invalid_request signature");
    const [head = "", body = "", signature = ""] = (await sign()).split(".");
    const other = Buffer.from(JSON.stringify({ ...genuine, sub: "haneul" })).toString("base64url");
    expect(await faultOf([head, other, signature].join("."))).toBe("invalid_request signature");
    expect(await faultOf([head, body, ""].join("."))).toBe("invalid_request signature");
    expect(await faultOf(new UnsecuredJWT(genuine).encode())).toBe("invalid_request alg");
    expect(await faultOf(signWithSecret("a-client-secret"))).toBe("invalid_request alg");
    // The classic confusion: the public key, which everybody has, as the secret.
    expect(await faultOf(signWithSecret(await exportSPKI(publicKey)))).toBe("invalid_request alg");
  });

  it.each<[what: string, header: Changes]>([
    ["an address of keys", { jku: "https://evil.example/jwks" }],
    ["an address of a certificate", { x5u: "https://evil.example/certificate" }],
    ["a certificate of its own", { x5c: ["MIIB"] }],
    ["a path for a key id", { kid: "../../../../dev/null" }],
    ["SQL for a key id", { kid: "1' UNION SELECT 'key" }],
  ])("gets no other key looked for by %s", async (_, header) => {
    expect(await faultOf(await sign({}, header, strangersKey))).toBe("invalid_request signature");
  });

  it("gets nothing by a key that it brings itself, or by an extension that nobody knows", async () => {
    const own = await generateKeyPair("ES256", { extractable: true });
    const { exportJWK } = await import("jose");
    const jwk = await exportJWK(own.publicKey);
    expect(await faultOf(await sign({}, { alg: "ES256", jwk }, own.privateKey))).toMatch(/^invalid_request /);
    const [, body = "", signature = ""] = (await sign()).split(".");
    const head = Buffer.from(JSON.stringify({ alg: "RS256", typ: "at+jwt", crit: ["x"], x: 1 })).toString("base64url");
    expect(await faultOf([head, body, signature].join("."))).toBe("invalid_request malformed");
  });

  it("carries its scopes as text or as a list, and what is neither grants nothing", async () => {
    const scopesOf = async (claims: Changes) => (await verify(await sign(claims))).scopes;
    expect(await scopesOf({ scope: undefined, scp: ["a", "b"] })).toEqual(["a", "b"]);
    expect(await scopesOf({ scope: undefined, scp: "a b" })).toEqual(["a", "b"]);
    expect(await scopesOf({ scope: undefined })).toEqual([]);
    expect(await scopesOf({ scope: { a: true } })).toEqual([]);
    expect(await scopesOf({ scope: ["a", 7, ""] })).toEqual(["a"]);
  });

  it("names the key that it is bound to", async () => {
    expect((await verify(await sign({ cnf: { jkt: "thumbprint" } }))).boundTo).toBe("thumbprint");
  });
});

describe("of a provider that does not type its access tokens", () => {
  it("one that is plainly an access token is taken", async () => {
    for (const typ of [undefined, "JWT", "at+jwt"])
      expect(await faultOf(await sign({ client_id: undefined, jti: undefined }, { typ }), untyped)).toBeNull();
    // Keycloak's.
    expect(
      (await verify(await sign({ client_id: undefined, azp: "robot", typ: "Bearer" }, { typ: "JWT" }), untyped))
        .clientId,
    ).toBe("robot");
  });

  const leftHalf = createHash("sha256").update("at").digest().subarray(0, 16).toString("base64url");
  it.each<[what: string, claims: Changes, header: Changes, fault: string]>([
    ["an ID token by its nonce", { nonce: "n" }, {}, "typ_claims"],
    ["an ID token by the hash of an access token", { at_hash: leftHalf }, {}, "typ_claims"],
    ["a logout token by its event", { events: {} }, {}, "typ_claims"],
    ["an ID token by Keycloak's claim", { typ: "ID" }, {}, "typ_claim"],
    ["a refresh token by Keycloak's claim", { typ: "Refresh" }, {}, "typ_claim"],
    ["an ID token by Cognito's claim", { token_use: "id" }, {}, "typ_claim"],
    ["a logout token by its type", {}, { typ: "logout+jwt" }, "typ"],
    ["a proof by its type", {}, { typ: "dpop+jwt" }, "typ"],
  ])("%s is told, and refused", async (_, claims, header, fault) => {
    expect(await faultOf(await sign(claims, { typ: "JWT", ...header }), untyped)).toBe(`invalid_request ${fault}`);
  });

  it("nothing is taken that is for this app's client, alone or among others, since an ID token is", async () => {
    const typed = { typ: "JWT" };
    expect(await faultOf(await sign({ aud: "daemun" }, typed), untyped, "daemun")).toBe("invalid_request aud_client");
    for (const aud of [
      ["daemun", audience],
      [audience, "daemun"],
    ])
      for (const typ of ["JWT", undefined])
        expect(await faultOf(await sign({ aud }, { typ }), untyped)).toBe("invalid_request aud_client");
    // What says that it is an access token is no ID token, whomever it is for besides.
    expect(await faultOf(await sign({ aud: [audience, "daemun"] }), untyped)).toBeNull();
  });
});

it("a token of more than eight kilobytes is looked at by nobody", () => {
  expect(isTooLong("a".repeat(8 * 1024))).toBe(false);
  expect(isTooLong("a".repeat(8 * 1024 + 1))).toBe(true);
});

it("only a JWT names its issuer", async () => {
  expect(issuerIn(await sign())).toBe(issuer);
  const odd = (payload: string) => `e30.${Buffer.from(payload).toString("base64url")}.c2ln`;
  for (const text of [
    "opaque",
    "a.b",
    "a.b.c",
    "..",
    odd("[]"),
    odd("{"),
    odd('{"iss":7}'),
    odd("{}"),
    "e30.e30.a.b.c",
  ])
    expect(issuerIn(text)).toBeNull();
});
