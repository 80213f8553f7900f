import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sessionCookie } from "../../support/cookies";
import { lastAudit } from "../../support/expectations";
import { openExtendedApp } from "../../support/extension/extended-app";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";
import { probe } from "../../support/token-app";

let app: TestApp;
let sibling: Awaited<ReturnType<TestApp["shareSibling"]>>;
beforeAll(async () => {
  app = await openExtendedApp();
  sibling = await app.shareSibling();
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  // What one test did wrong is not to be counted against the next.
  await app.rows(`DELETE FROM "RateLimit"`);
});
afterAll(() => app?.close());

type Changes = Record<string, unknown>;
type Signer = Parameters<TestApp["control"]["sign"]>[1]["signWith"];

/** A token as the company's provider issues one to a client for the calls of this app, but for what is changed. */
async function tokenWith(claims: Changes = {}, header: Changes = {}, signWith: Signer = "issuer", by = "company") {
  const now = Math.floor(Date.now() / 1000);
  const genuine = {
    iss: app.issuers[by],
    aud: `${app.url}/api/calls`,
    sub: "minsu",
    client_id: "phone",
    jti: randomUUID(),
    iat: now - 5,
    exp: now + 300,
    scope: "calls:read",
  };
  const merged = JSON.parse(JSON.stringify({ ...genuine, ...claims }));
  return app.control.sign(by, {
    claims: merged,
    header: { typ: "at+jwt", ...header },
    signWith,
    ...(signWith === "hs256" && { clientId: "daemun" }),
  });
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  path?: string;
  at?: string;
}

/** A call as a script would make it, without a browser. */
async function call(
  authorization: string | null,
  { method = "GET", headers = {}, path = "own", at = app.url }: Sent = {},
) {
  const response = await fetch(`${at}/api/calls/${path}`, {
    method,
    redirect: "manual",
    headers: { ...(authorization !== null && { Authorization: authorization }), ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    cache: response.headers.get("cache-control"),
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : null,
  };
}

const metadataAddress = () => `${app.url}/.well-known/oauth-protected-resource/api/calls`;
const refusal = (error: string) => `Bearer error="${error}", resource_metadata="${metadataAddress()}"`;

describe("a client with an access token", () => {
  it("is let in, told apart from a session, and gets nothing that a session has", async () => {
    const answered = await call(`Bearer ${await tokenWith({ sub: "nobody-here" })}`);
    expect([answered.status, answered.cache]).toEqual([200, "private, no-store"]);
    expect(answered.headers.getSetCookie()).toEqual([]);
    expect(answered.json).toEqual({
      kind: "own",
      by: "token",
      user: null,
      token: {
        provider: "company",
        issuer: app.issuers.company,
        subject: "nobody-here",
        clientId: "phone",
        scopes: ["calls:read"],
        expiresAt: expect.any(String),
        isBound: false,
      },
      besides: { session: null, token: "refused" },
    });
  });

  it("is known by its account here, and changes something without a token against forgery", async () => {
    const browser = await signedIn(app, { user: "minsu" });
    const me = await whoIs(app, browser);
    const answered = await call(`Bearer ${await tokenWith()}`, {
      method: "POST",
      headers: { Origin: "https://elsewhere.example" },
    });
    expect([answered.status, answered.json.user]).toEqual([200, me?.user.id]);
    expect(answered.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("is let in by a token that the provider really gave for an API of the same audience", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    expect((await probe(app.url, browser, { resource: "https://shopping.example/api" })).status).toBe(200);
    const [token] = (await app.control.issued("company"))
      .flatMap(({ accessToken }) => accessToken ?? [])
      .filter((token) => token.split(".").length === 3)
      .reverse();
    const answered = await call(`Bearer ${token}`, { path: "shopping" });
    expect([answered.status, answered.json.token.subject, answered.json.token.clientId]).toEqual([
      200,
      "haneul",
      "daemun",
    ]);
    // And nowhere else.
    expect((await call(`Bearer ${token}`)).challenge).toBe(refusal("invalid_token"));
  });

  it.each<[what: string, make: () => Promise<string>]>([
    ["that has run out", () => tokenWith({ exp: Math.floor(Date.now() / 1000) - 120 })],
    ["of the future", () => tokenWith({ iat: Math.floor(Date.now() / 1000) + 600 })],
    ["that is not valid yet", () => tokenWith({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ["for another API", () => tokenWith({ aud: "https://shopping.example/api" })],
    ["for the app itself, as an ID token is", () => tokenWith({ aud: "daemun" })],
    ["of an issuer that nobody configured", () => tokenWith({ iss: "https://evil.example" })],
    ["of a provider that is not trusted with rights", () => tokenWith({}, {}, "issuer", "partner")],
    [
      "in the company's name, signed by the partner",
      () => tokenWith({ iss: app.issuers.company }, {}, "issuer", "partner"),
    ],
    ["of another type", () => tokenWith({}, { typ: "JWT" })],
    ["that is a logout token", () => tokenWith({}, { typ: "logout+jwt" })],
    ["without a user", () => tokenWith({ sub: undefined })],
    ["without an end", () => tokenWith({ exp: undefined })],
    ["that is not signed", () => tokenWith({}, {}, "none")],
    ["that is signed with the client's secret", () => tokenWith({}, {}, "hs256")],
    ["that is signed with the public key for a secret", () => tokenWith({}, {}, "hs256-public-key")],
    ["that is signed by a stranger under the provider's key id", () => tokenWith({}, {}, "other-key")],
    ["that is signed by a key that nobody published", () => tokenWith({}, {}, "unknown-kid")],
    ["that brings an address of keys", () => tokenWith({}, { jku: "http://127.0.0.1:9/jwks" }, "other-key")],
    ["whose signature has one bit flipped", () => tokenWith({}, {}, "broken")],
    ["that is bound to a key, as a bearer", () => tokenWith({ cnf: { jkt: "x" } })],
    ["that is bound to a certificate", () => tokenWith({ cnf: { "x5t#S256": "x" } })],
    ["of more than eight kilobytes", () => tokenWith({ much: "x".repeat(8_000) })],
    ["that is none", async () => "not.a.token"],
  ])("is refused with one %s, and not told why", async (_, make) => {
    const answered = await call(`Bearer ${await make()}`);
    expect([answered.status, answered.challenge, answered.json.error]).toEqual([
      401,
      refusal("invalid_token"),
      "not_authenticated",
    ]);
    expect(answered.cache).toBe("private, no-store");
  });

  it("is refused with the user's own ID token, and with the opaque token of their userinfo", async () => {
    await signedIn(app, { user: "jiwoo" });
    const issued = (await app.control.issued("company")).reverse();
    const idToken = issued.find(({ idToken }) => idToken)?.idToken;
    const opaque = issued.flatMap(({ accessToken }) => accessToken ?? []).find((token) => !token.includes("."));
    for (const token of [idToken, opaque]) {
      expect(token).toEqual(expect.any(String));
      expect((await call(`Bearer ${token}`)).challenge).toBe(refusal("invalid_token"));
    }
    // The second was asked about, by this app's own client.
    expect(await app.control.journal("company", { endpoint: "introspection" })).not.toEqual([]);
  });

  it("is told which scopes it lacks, and the trail knows", async () => {
    const answered = await call(`Bearer ${await tokenWith({ scope: "calls:write" })}`);
    const scoped = `Bearer error="insufficient_scope", scope="calls:read", resource_metadata="${metadataAddress()}"`;
    expect([answered.status, answered.challenge, answered.json.error]).toEqual([403, scoped, "forbidden"]);
    expect(await lastAudit(app, "authorization.denied")).toMatchObject({ reason: "forbidden", provider: "company" });
  });

  it("is refused where its token was given to another client than those of the route", async () => {
    expect((await call(`Bearer ${await tokenWith()}`, { path: "phone" })).status).toBe(200);
    const other = await call(`Bearer ${await tokenWith({ client_id: "tablet" })}`, { path: "phone" });
    expect([other.status, other.challenge]).toEqual([401, refusal("invalid_token")]);
  });

  it("is refused where the route wants known users, or the app has a hook that decides, and its user never signed in", async () => {
    await signedIn(app, { user: "minsu" });
    expect((await call(`Bearer ${await tokenWith()}`, { path: "known" })).status).toBe(200);
    for (const path of ["known", "phone"]) {
      const stranger = await call(`Bearer ${await tokenWith({ sub: "nobody-here" })}`, { path });
      expect([stranger.status, stranger.challenge]).toEqual([401, refusal("invalid_token")]);
    }
  });

  it("comes from another provider where the route names that", async () => {
    const partners = await tokenWith({}, {}, "issuer", "partner");
    expect((await call(`Bearer ${partners}`, { path: "partner" })).json?.token.provider).toBe("partner");
    expect((await call(`Bearer ${await tokenWith()}`, { path: "partner" })).status).toBe(401);
  });

  it("is refused at once when its user is disabled, or has their account deleted", async () => {
    await signedIn(app, { user: "eunji" });
    const token = await tokenWith({ sub: "eunji" });
    expect((await call(`Bearer ${token}`)).status).toBe(200);
    const set = (column: string, value: string) =>
      app.rows(
        `UPDATE "User" SET "${column}" = ${value} WHERE id IN (SELECT "userId" FROM "Account" WHERE "providerAccountId" = 'eunji')`,
      );
    for (const column of ["disabledAt", "deletionAskedAt"]) {
      await set(column, "now()");
      expect((await call(`Bearer ${token}`)).challenge).toBe(refusal("invalid_token"));
      await set(column, "NULL");
    }
    expect((await call(`Bearer ${token}`)).status).toBe(200);
  });

  it.each([
    ["nothing behind the scheme", "Bearer"],
    ["two tokens", "Bearer one two"],
    ["what is no token", 'Bearer "quoted"'],
  ])("is told that its request is wrong where it sends %s", async (_, authorization) => {
    const answered = await call(authorization);
    expect([answered.status, answered.challenge, answered.json.error]).toEqual([
      400,
      refusal("invalid_request"),
      "invalid_request",
    ]);
  });

  it("is told to come again while the provider's keys cannot be had, or the database is away", async () => {
    // An instance that has never asked for the keys.
    const fresh = await app.startSibling();
    await app.control.addFault("company", { endpoint: "jwks", times: null, fault: { kind: "respond", status: 503 } });
    const keyless = await call(`Bearer ${await tokenWith()}`, { at: fresh.url });
    expect([keyless.status, keyless.json.error, keyless.headers.get("retry-after")]).toEqual([
      503,
      "provider_unavailable",
      expect.any(String),
    ]);
    await app.control.clearFaults("company");
    const token = await tokenWith();
    await app.database.cut();
    try {
      const nobody = await call(`Bearer ${token}`, { at: fresh.url });
      expect([nobody.status, nobody.json.error, nobody.challenge]).toEqual([503, "database_unavailable", null]);
    } finally {
      await app.database.mend();
    }
    await expect.poll(async () => (await call(`Bearer ${token}`, { at: fresh.url })).status).toBe(200);
    await fresh.stop();
  });
});

describe("a cookie beside a token", () => {
  it("is refused, whatever either is worth", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const cookie = browser.cookieHeader(app.url);
    const both = await call(`Bearer ${await tokenWith()}`, { headers: { Cookie: cookie } });
    expect([both.status, both.challenge, both.json.error]).toEqual([
      400,
      refusal("invalid_request"),
      "invalid_request",
    ]);
    const nonsense = { Cookie: `${sessionCookie(app.url)}=nonsense` };
    const stale = await call(`Bearer ${await tokenWith()}`, { headers: nonsense });
    expect(stale.status).toBe(400);
  });

  it("alone opens the route to whoever may, and changes something only for our own pages", async () => {
    const browser = await signedIn(app, { user: "haneul" });
    const own = await browser.fetch(`${app.url}/api/calls/own`);
    expect([own.status, JSON.parse(own.body)]).toEqual([
      200,
      expect.objectContaining({ by: "session", sub: "haneul" }),
    ]);
    const forged = await browser.fetch(`${app.url}/api/calls/own`, {
      method: "POST",
      headers: { Origin: "https://evil.example" },
    });
    expect([forged.status, JSON.parse(forged.body).error]).toEqual([403, "csrf_rejected"]);
    const ours = await browser.fetch(`${app.url}/api/calls/own`, { method: "POST", headers: { "X-CSRF": "1" } });
    expect(ours.status).toBe(200);
    const other = await signedIn(app, { user: "minsu" });
    expect((await other.fetch(`${app.url}/api/calls/own`)).status).toBe(403);
  });
});

describe("where no token is taken", () => {
  it("nobody gets past the gate with one", async () => {
    const response = await fetch(`${app.url}/api/me`, { headers: { Authorization: `Bearer ${await tokenWith()}` } });
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, null]);
  });

  it("a handler behind such a gate answers as to a stranger", async () => {
    const answered = await call(`Bearer ${await tokenWith()}`, { path: "plain" });
    expect([answered.status, answered.json.error]).toEqual([401, "not_authenticated"]);
  });

  it("a client without one learns where to get one", async () => {
    for (const authorization of [null, "Basic bWluc3U6c2VjcmV0"]) {
      const answered = await call(authorization);
      expect([answered.status, answered.challenge]).toEqual([401, `Bearer resource_metadata="${metadataAddress()}"`]);
    }
  });
});

describe("the document about protected resources", () => {
  it("says for what, and where, clients get tokens", async () => {
    const response = await fetch(metadataAddress());
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.json()).toEqual({
      resource: `${app.url}/api/calls`,
      authorization_servers: [app.issuers.company],
      bearer_methods_supported: ["header"],
      dpop_signing_alg_values_supported: expect.arrayContaining(["ES256"]),
    });
    const whole = await fetch(`${app.url}/.well-known/oauth-protected-resource`);
    expect([whole.status, (await whole.json()).resource]).toEqual([200, app.url]);
    expect((await fetch(`${app.url}/.well-known/oauth-protected-resource/api/me`)).status).toBe(404);
  });
});

/** A client with a key of its own, which its tokens are bound to. */
async function boundClient(claims: Changes = {}) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { d: _, ...jwk } = await exportJWK(privateKey);
  const token = await tokenWith({ cnf: { jkt: await calculateJwkThumbprint(jwk as JWK) }, ...claims });
  const prove = (change: Changes = {}) =>
    new SignJWT({
      jti: randomUUID(),
      htm: "GET",
      htu: `${app.url}/api/calls/own`,
      iat: Math.floor(Date.now() / 1000),
      ath: createHash("sha256").update(token).digest("base64url"),
      ...change,
    })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: jwk as JWK })
      .sign(privateKey);
  return { token, prove };
}

describe("a token that is bound to a key", () => {
  it("opens the route with a proof, and each proof once, at all instances together", async () => {
    const { token, prove } = await boundClient();
    const proof = await prove();
    const first = await call(`DPoP ${token}`, { headers: { DPoP: proof } });
    expect([first.status, first.json.token.isBound]).toEqual([200, true]);
    for (const at of [app.url, sibling.url]) {
      const again = await call(`DPoP ${token}`, { headers: { DPoP: proof }, at });
      expect([again.status, again.challenge]).toEqual([
        401,
        expect.stringMatching(/^DPoP error="invalid_dpop_proof", algs="RS256 .*ES256/),
      ]);
    }
    expect((await call(`DPoP ${token}`, { headers: { DPoP: await prove() }, at: sibling.url })).status).toBe(200);
    const raced = { DPoP: await prove() };
    const together = await Promise.all(
      Array.from({ length: 8 }, (_, n) => call(`DPoP ${token}`, { headers: raced, at: n % 2 ? sibling.url : app.url })),
    );
    expect(together.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  it("opens nothing without a proof, with that of another request or key, or as a bearer", async () => {
    const { token, prove } = await boundClient();
    const other = await boundClient();
    const send = async (headers: Record<string, string>) => (await call(`DPoP ${token}`, { headers })).status;
    expect(await send({})).toBe(401);
    expect(await send({ DPoP: await prove({ htm: "POST" }) })).toBe(401);
    expect(await send({ DPoP: await prove({ htu: `${app.url}/api/calls/phone` }) })).toBe(401);
    expect(await send({ DPoP: await prove({ ath: "another" }) })).toBe(401);
    expect(await send({ DPoP: await prove({ iat: Math.floor(Date.now() / 1000) - 120 }) })).toBe(401);
    expect(await send({ DPoP: await other.prove() })).toBe(401);
    expect((await call(`Bearer ${token}`, { headers: { DPoP: await prove() } })).status).toBe(401);
    // Nor is one that is not bound taken for one that is.
    expect((await call(`DPoP ${await tokenWith()}`, { headers: { DPoP: await prove() } })).status).toBe(401);
    expect(await send({ DPoP: await prove() })).toBe(200);
  });
});

it("whoever sends tokens that are none, again and again, is told to wait, and genuine ones still pass", async () => {
  const limited = await app.startSibling({ RATE_LIMIT_PER_MINUTE: "5" });
  const nobodys = await tokenWith({ iss: "https://evil.example" });
  const statuses: number[] = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await call(`Bearer ${nobodys}`, { at: limited.url })).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  expect((await call(`Bearer ${await tokenWith()}`, { at: limited.url })).status).toBe(200);
  expect(await lastAudit(app, "rate.limited")).toMatchObject({ detail: { kind: "bearer" } });
  await limited.stop();
});

it("no part of a token is in any log", async () => {
  const token = await tokenWith({ sub: "secret-subject" });
  await call(`Bearer ${token}`);
  await call(`Bearer ${token.slice(0, -2)}`);
  await call(`Bearer ${token}`, { path: "phone" });
  for (const part of token.split(".")) expect(app.instance.output()).not.toContain(part);
});
