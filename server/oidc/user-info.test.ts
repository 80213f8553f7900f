import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { decodeJwt, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { ProofKey } from "./dpop";
import type { OidcError } from "./errors";
import type { ProviderMetadata } from "./metadata";
import { fetchUserInfoClaims } from "./user-info";

provideEnv({ allowHttpLoopback: true, outboundTimeoutMs: 2000, clockToleranceSeconds: 30 });

type Reply = (response: ServerResponse, request: IncomingMessage) => void;
let reply: Reply = () => {};
let server: Server;
let metadata: ProviderMetadata;
let keys: { ours: CryptoKey; strangers: CryptoKey };
let provider = { ...standardProvider, id: "company", clientId: "daemun" } as unknown as ProviderSettings;
const seconds = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  const [ours, strangers] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  keys = { ours: ours.privateKey, strangers: strangers.privateKey };
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(ours.publicKey)), kid: "k1", alg: "RS256" }] });
  server = createServer((request, response) => {
    if (request.url === "/jwks") response.writeHead(200, { "Content-Type": "application/json" }).end(jwks);
    else reply(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  provider = { ...provider, issuer };
  metadata = { issuer, jwks_uri: `${issuer}/jwks`, userinfo_endpoint: `${issuer}/me` } as ProviderMetadata;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function answers(body: string | Uint8Array, type = "application/json", status = 200, headers = {}): Reply {
  return (response) => response.writeHead(status, { "Content-Type": type, ...headers }).end(body);
}

const ask = (answer: Reply, proofKey: ProofKey | null = null) => {
  reply = answer;
  return fetchUserInfoClaims(provider, metadata, { accessToken: "at", proofKey, subject: "minsu" });
};

async function faultOf(answer: Reply): Promise<string | null> {
  try {
    await ask(answer);
    return null;
  } catch (error) {
    const { name, code, detail } = error as OidcError;
    return `${name} ${code} ${detail}`;
  }
}

interface Signing {
  claims?: Record<string, unknown>;
  header?: Partial<JWTHeaderParameters>;
  key?: CryptoKey | Uint8Array;
  type?: string;
}

/** Signed userinfo like the genuine one but for what is given; undefined leaves a claim out. */
async function signed({
  claims = {},
  header = {},
  key = keys.ours,
  type = "application/jwt",
}: Signing = {}): Promise<Reply> {
  const all = { iss: metadata.issuer, aud: "daemun", sub: "minsu", name: "이민수", ...claims };
  const token = await new SignJWT(JSON.parse(JSON.stringify(all)))
    .setProtectedHeader({ alg: "RS256", kid: "k1", ...header })
    .sign(key);
  return answers(token, type);
}

describe("userinfo", () => {
  it("comes as JSON, and says null for what is empty", async () => {
    const claims = await ask(answers('{"sub":"minsu","name":null,"email":7,"x":{"__proto__":{"y":1}}}'));
    expect(JSON.stringify(claims)).toBe('{"sub":"minsu","name":null,"x":{}}');
  });

  it("comes signed, by whatever way its type is written", async () => {
    expect(await ask(await signed())).toMatchObject({ sub: "minsu", name: "이민수" });
    const claims = { aud: ["other", "daemun"], exp: seconds() + 60 };
    const signedToo = await signed({ claims, header: { typ: "JWT" }, type: "Application/JWT; charset=utf-8" });
    expect(await ask(signedToo)).toMatchObject({ sub: "minsu" });
  });

  it("may have ended, or begin, within what clocks differ", async () => {
    expect(await faultOf(await signed({ claims: { exp: seconds() - 20, nbf: seconds() + 20 } }))).toBeNull();
  });

  it.each([
    ["another issuer's", { iss: "https://evil.example" }, "invalid_response iss"],
    ["nobody's", { iss: undefined }, "invalid_response iss"],
    ["for another client", { aud: "evil" }, "invalid_response aud"],
    ["for no client", { aud: undefined }, "invalid_response aud"],
    ["over", { exp: 1_700_000_000 }, "invalid_response exp"],
    ["over at a time that is none", { exp: "soon" }, "invalid_response exp"],
    ["not yet begun", { nbf: 4_000_000_000 }, "clock_skew nbf"],
    ["somebody else's", { sub: "haneul" }, "identity_mismatch userinfo_sub"],
    ["about nobody", { sub: undefined }, "identity_mismatch userinfo_sub"],
  ])("that is signed and %s is refused", async (_what, claims, fault) => {
    expect(await faultOf(await signed({ claims }))).toBe(`OidcError ${fault}`);
  });

  it("that nobody signed whom we know is refused", async () => {
    const unsecured = new UnsecuredJWT({ iss: metadata.issuer, aud: "daemun", sub: "minsu" }).encode();
    expect(await faultOf(answers(unsecured, "application/jwt"))).toMatch(
      /^OidcError invalid_response (?:alg|malformed)$/,
    );
    expect(await faultOf(await signed({ key: keys.strangers }))).toBe("OidcError invalid_response signature");
    expect(await faultOf(await signed({ header: { kid: "k2" } }))).toBe("OidcError invalid_response signature");
    const secret = new TextEncoder().encode("a-client-secret-that-is-long-enough");
    expect(await faultOf(await signed({ header: { alg: "HS256" }, key: secret }))).toBe(
      "OidcError invalid_response alg",
    );
    const other = await generateKeyPair("RS512");
    const rs512 = await signed({ header: { alg: "RS512" }, key: other.privateKey });
    expect(await faultOf(rs512)).toBe("OidcError invalid_response alg");
  });

  it.each([
    ["a page", answers("<p>hello</p>", "text/html")],
    ["nothing under no type", answers("", "")],
    ["a list", answers('[{"sub":"minsu"}]')],
    ["null", answers("null")],
    ["JSON cut short", answers('{"sub":"minsu"')],
    ["JSON under the name of a JWT", answers('{"sub":"minsu"}', "application/jwt")],
    ["a JWT of five parts", answers("a.b.c.d.e", "application/jwt")],
    ["JSON that is no UTF-8", answers(Buffer.from('{"sub":"minsu","name":"\xff"}', "latin1"))],
    ["a JWT that is no UTF-8", answers(Buffer.from("\xff.\xfe.\xff", "latin1"), "application/jwt")],
    ["50 MB", answers(Buffer.alloc(50_000_000, " "))],
    [
      "a gzip bomb",
      answers(gzipSync(Buffer.alloc(50_000_000)), "application/json", 200, { "Content-Encoding": "gzip" }),
    ],
  ])("that is %s is refused", async (_what, answer) => {
    expect(await faultOf(answer)).toMatch(/^OidcError invalid_response (?:media_type|json|size|malformed)$/);
  });

  it("that says it is gzip and is none is a provider's trouble", async () => {
    const fault = await faultOf(answers("plain", "application/json", 200, { "Content-Encoding": "gzip" }));
    expect(fault).toBe("OidcError provider_unavailable connection");
  });

  it("nested without end is cut, and can be written down", async () => {
    const nested = `${'{"a":'.repeat(60_000)}1${"}".repeat(60_000)}`;
    const claims = await ask(answers(`{"sub":"minsu","deep":${nested}}`));
    expect(JSON.stringify(claims).length).toBeLessThan(300);
  });

  it.each([
    [401, "provider_error invalid_token"],
    [403, "provider_error userinfo_status"],
    [400, "provider_error userinfo_status"],
    [204, "provider_error userinfo_status"],
    [302, "provider_misconfigured redirect"],
    [429, "provider_unavailable status_429"],
    [503, "provider_unavailable status_503"],
  ])("refused with %i is told from the others", async (status, fault) => {
    expect(await faultOf(answers("", "application/json", status))).toBe(`OidcError ${fault}`);
  });

  it("about somebody whose name only looks like this person's is refused", async () => {
    for (const sub of ["minsu\0", "Minsu", " minsu", ["minsu"], null, { toString: "minsu" }]) {
      expect(await faultOf(answers(JSON.stringify({ sub })))).toBe("OidcError identity_mismatch userinfo_sub");
    }
    expect(await faultOf(answers('{"__proto__":{"sub":"minsu"}}'))).toBe("OidcError identity_mismatch userinfo_sub");
  });
});

it("is read with a bound token by a proof, once more where a nonce is wanted, and not a third time", async () => {
  const proofKey = await ProofKey.make();
  const challenge = { "WWW-Authenticate": 'DPoP error="use_dpop_nonce"' };
  const asked: unknown[] = [];
  const wanting =
    (nonce: string): Reply =>
    (response, request) => {
      const proof = decodeJwt(String(request.headers.dpop));
      asked.push([request.headers.authorization, proof.htu, proof.ath === undefined, proof.nonce]);
      if (proof.nonce === nonce) return answers('{"sub":"minsu"}')(response, request);
      answers("{}", "application/json", 401, { ...challenge, "DPoP-Nonce": "n-1" })(response, request);
    };
  const seen = (nonce?: string) => ["DPoP at", metadata.userinfo_endpoint, false, nonce];
  expect((await ask(wanting("n-1"), proofKey)).sub).toBe("minsu");
  expect(asked).toEqual([seen(), seen("n-1")]);
  await expect(ask(wanting("another"), proofKey)).rejects.toMatchObject({ reason: "token_refused" });
  expect(asked.slice(2)).toEqual([seen("n-1"), seen("n-1")]);
});
