import { generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import type { OidcError } from "./errors";
import { verifyLogoutToken } from "./logout-token";
import type { ProviderMetadata } from "./metadata";

const issuer = "https://company.example";
const event = "http://schemas.openid.net/event/backchannel-logout";
const now = new Date("2026-11-21T12:00:00.900Z");
const seconds = Math.floor(now.getTime() / 1000);
const provider = { ...standardProvider, id: "company", issuer, clientId: "daemun" } as unknown as ProviderSettings;
const lenient = { ...provider, backchannelRequireTyp: false };
const metadata = { issuer, jwks_uri: `${issuer}/jwks` } as ProviderMetadata;

let publicKey: CryptoKey;
let privateKey: CryptoKey;
beforeAll(async () => {
  ({ publicKey, privateKey } = await generateKeyPair("RS256"));
});

const genuine = {
  iss: issuer,
  aud: "daemun",
  iat: seconds,
  exp: seconds + 120,
  jti: "j1",
  sub: "minsu",
  sid: "s1",
  events: { [event]: {} },
};

/** A token like the genuine one but for `claims`; undefined leaves one out. */
function sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = { typ: "logout+jwt" }) {
  const protectedHeader = { alg: "RS256", ...header } as JWTHeaderParameters;
  return new SignJWT(JSON.parse(JSON.stringify({ ...genuine, ...claims })))
    .setProtectedHeader(protectedHeader)
    .sign(privateKey);
}

const verify = (token: string, at: ProviderSettings = provider) =>
  verifyLogoutToken(token, at, metadata, {
    now,
    settings: { clockToleranceSeconds: 30, idTokenMaxAgeSeconds: 300 },
    keys: async () => publicKey,
  });

async function faultOf(token: string, at: ProviderSettings = provider): Promise<string | null> {
  try {
    await verify(token, at);
    return null;
  } catch (error) {
    const { code, detail } = error as OidcError;
    return `${code} ${detail}`;
  }
}

describe("a logout token", () => {
  it("says who is signed out", async () => {
    expect(await verify(await sign())).toEqual({
      issuer,
      jti: "j1",
      issuedAt: seconds,
      subject: "minsu",
      providerSessionId: "s1",
    });
    const bySubject = await verify(await sign({ sid: undefined }));
    expect(bySubject).toMatchObject({ subject: "minsu", providerSessionId: null });
    const bySession = await verify(await sign({ sub: undefined }));
    expect(bySession).toMatchObject({ subject: null, providerSessionId: "s1" });
  });

  it.each([
    ["an unknown claim", { unknown: [1], trace: "x" }],
    ["several audiences", { aud: ["other", "daemun"] }],
    ["an event beside ours", { events: { [event]: {}, "https://e.example": {} } }],
    ["something in the event", { events: { [event]: { why: "x" } } }],
    ["a clock a little ahead", { iat: seconds + 30 }],
    ["the oldest age", { iat: seconds - 300 }],
    ["the longest life", { exp: seconds + 3600 }],
    ["the longest names", { sub: "s".repeat(255), sid: "s".repeat(255), jti: "j".repeat(255) }],
  ])("may have %s", async (_what, claims) => {
    expect(await faultOf(await sign(claims))).toBeNull();
  });

  it.each([
    ["another issuer", { iss: `${issuer}/` }, "iss"],
    ["no issuer", { iss: undefined }, "iss"],
    ["another audience", { aud: "daemun2" }, "aud"],
    ["no audience", { aud: [] }, "aud"],
    ["audiences that are none", { aud: { 0: "daemun" } }, "aud"],
    ["no iat", { iat: undefined }, "iat"],
    ["iat as text", { iat: String(seconds) }, "iat"],
    ["an iat too old", { iat: seconds - 301 }, "iat_old"],
    ["no exp", { exp: undefined }, "exp"],
    ["exp as text", { exp: String(seconds + 60) }, "exp"],
    ["an exp past", { exp: seconds - 30 }, "exp"],
    ["an exp too far", { exp: seconds + 3601 }, "exp_far"],
    ["no jti", { jti: undefined }, "jti"],
    ["an empty jti", { jti: "" }, "jti"],
    ["a number for jti", { jti: 7 }, "jti"],
    ["a jti too long", { jti: "j".repeat(256) }, "jti"],
    ["a nonce", { nonce: "n" }, "nonce"],
    ["an empty nonce", { nonce: "" }, "nonce"],
    ["null for nonce", { nonce: null }, "nonce"],
    ["neither sub nor sid", { sub: undefined, sid: undefined }, "sub"],
    ["null for sub", { sub: null }, "sub"],
    ["an empty sub beside a sid", { sub: "" }, "sub"],
    ["a list for sub", { sub: ["minsu"] }, "sub"],
    ["an empty sid beside a sub", { sid: "" }, "sid"],
    ["null for sid", { sid: null }, "sid"],
    ["a NUL in sid", { sid: "s\u00001" }, "sid"],
    ["half a surrogate pair in sub", { sub: "s\ud800" }, "sub"],
    ["a sid too long", { sid: "s".repeat(256) }, "sid"],
    ["no events", { events: undefined }, "events"],
    ["null for events", { events: null }, "events"],
    ["events as a list", { events: [event] }, "events"],
    ["events as text", { events: event }, "events"],
    ["another event only", { events: { "https://e.example": {} } }, "events"],
    ["the event's name only inherited", { events: {} }, "events"],
    ["null for the event", { events: { [event]: null } }, "events"],
    ["true for the event", { events: { [event]: true } }, "events"],
    ["a list for the event", { events: { [event]: [] } }, "events"],
  ])("is refused with %s", async (_what, claims, detail) => {
    expect(await faultOf(await sign(claims))).toBe(`invalid_request ${detail}`);
  });

  it.each([
    ["an iat ahead", { iat: seconds + 31 }, "iat_ahead"],
    ["an nbf ahead", { nbf: seconds + 31 }, "nbf"],
  ])("is told apart with %s: the clocks disagree", async (_what, claims, detail) => {
    expect(await faultOf(await sign(claims))).toBe(`clock_skew ${detail}`);
  });

  it.each(["logout+jwt", "LOGOUT+JWT", "application/logout+jwt"])("may be of the type %s anywhere", async (typ) => {
    for (const at of [provider, lenient]) expect(await faultOf(await sign({}, { typ }), at)).toBeNull();
  });

  it.each([undefined, "JWT", "jwt", "application/jwt"])(
    "may be of the type %s only where the provider's setting says so",
    async (typ) => {
      const token = await sign({}, typ === undefined ? {} : { typ });
      expect(await faultOf(token, lenient)).toBeNull();
      expect(await faultOf(token)).toBe("invalid_request typ");
    },
  );

  it.each(["at+jwt", "dpop+jwt", "", "logout", "secevent+jwt", null, 1, ["logout+jwt"]])(
    "is refused with the type %j anywhere",
    async (typ) => {
      for (const at of [provider, lenient]) expect(await faultOf(await sign({}, { typ }), at)).toMatch(/typ|malformed/);
    },
  );

  it.each([
    ["an extension that nobody knows", { typ: "logout+jwt", crit: ["x"], x: 1 }],
    ["a payload outside of base64url", { typ: "logout+jwt", crit: ["b64"], b64: false }],
  ])("is refused with %s", async (_what, header) => {
    const [, payload, signature] = (await sign()).split(".");
    const forged = Buffer.from(JSON.stringify({ alg: "RS256", ...header })).toString("base64url");
    expect(await faultOf(`${forged}.${payload}.${signature}`)).toMatch(/^invalid_request (?:malformed|signature)$/);
  });

  it.each(["", "x", "a.b.c", "a.b.c.d.e", "..", `${"e".repeat(20_000)}.a.b`])(
    "is refused when it is none: %.20s",
    async (token) => {
      expect(await faultOf(token)).toBe("invalid_request malformed");
    },
  );

  it("FF-43: may leave out when it ends where the operator lets it, and is bounded by when it was issued", async () => {
    const withoutExp = { ...provider, backchannelRequireExp: false };
    const token = await sign({ exp: undefined });
    expect(await faultOf(token)).toBe("invalid_request exp");
    expect(await faultOf(token, withoutExp)).toBeNull();
    expect(await faultOf(await sign({ exp: undefined, iat: seconds - 301 }), withoutExp)).toBe(
      "invalid_request iat_old",
    );
    expect(await faultOf(await sign({ exp: seconds - 31, iat: seconds - 60 }), withoutExp)).toBe("invalid_request exp");
    expect(await faultOf(await sign({ exp: seconds + 7200 }), withoutExp)).toBe("invalid_request exp_far");
    expect(await faultOf(await sign({ exp: null }), withoutExp)).toMatch(/^invalid_request/);
  });

  it("FF-40: is refused where it is signed with another algorithm than this client's", async () => {
    const pinned = { ...provider, idTokenAlg: "ES256" };
    expect(await faultOf(await sign(), pinned)).toBe("invalid_request alg");
    expect(await faultOf(await sign(), { ...provider, idTokenAlg: "RS256" })).toBeNull();
  });

  it("FF-37: is of the issuer of the tenant that it names itself", async () => {
    const template = "https://login.example/{tenantid}/v2.0";
    const shared = { ...provider, issuer: "https://login.example/organizations/v2.0", issuerTemplate: template };
    const of = (tenant: string) => template.replace("{tenantid}", tenant);
    expect((await verify(await sign({ iss: of("t-1"), tid: "t-1" }), shared)).issuer).toBe(of("t-1"));
    for (const [iss, tid] of [
      [of("t-1"), "t-2"],
      [of("t-1"), undefined],
      [of("organizations"), "t-1"],
      [template, "t-1"],
      [of("{tenantid}"), "{tenantid}"],
      [of("a/b"), "a/b"],
      [of(""), ""],
      [of("t-1"), ["t-1"]],
    ])
      expect(await faultOf(await sign({ iss, tid }), shared), `${iss} ${tid}`).toBe("invalid_request iss");
  });
});
