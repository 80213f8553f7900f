import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../dev/run/build";
import { apiClient } from "../../support/api-client";
import { lastAudit } from "../../support/expectations";
import { openExtendedApp } from "../../support/extension/extended-app";
import { signedIn, type TestApp, whoIs } from "../../support/test-app";
import { probe } from "../../support/token-app";

let app: TestApp;
let client: ReturnType<typeof apiClient>;
beforeAll(async () => {
  app = await openExtendedApp();
  client = apiClient(app);
}, 240_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  // What one test did wrong is not to be counted against the next.
  await app.rows(`DELETE FROM "RateLimit"`);
});
afterAll(() => app?.close());

describe("a client with an access token", () => {
  it("is let in, told apart from a session, and gets nothing that a session has", async () => {
    const answered = await client.call(`Bearer ${await client.tokenWith({ sub: "nobody-here" })}`);
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
    const answered = await client.call(`Bearer ${await client.tokenWith()}`, {
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
    const answered = await client.call(`Bearer ${token}`, { path: "shopping" });
    expect([answered.status, answered.json.token.subject, answered.json.token.clientId]).toEqual([
      200,
      "haneul",
      "daemun",
    ]);
    // And nowhere else.
    expect((await client.call(`Bearer ${token}`)).challenge).toBe(client.refusal("invalid_token"));
  });

  it.each<[what: string, make: () => Promise<string>]>([
    ["that has run out", () => client.tokenWith({ exp: Math.floor(Date.now() / 1000) - 120 })],
    ["of the future", () => client.tokenWith({ iat: Math.floor(Date.now() / 1000) + 600 })],
    ["that is not valid yet", () => client.tokenWith({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ["for another API", () => client.tokenWith({ aud: "https://shopping.example/api" })],
    ["for the app itself, as an ID token is", () => client.tokenWith({ aud: "daemun" })],
    ["of an issuer that nobody configured", () => client.tokenWith({ iss: "https://evil.example" })],
    ["of a provider that is not trusted with rights", () => client.tokenWith({}, {}, "issuer", "partner")],
    [
      "in the company's name, signed by the partner",
      () => client.tokenWith({ iss: app.issuers.company }, {}, "issuer", "partner"),
    ],
    ["of another type", () => client.tokenWith({}, { typ: "JWT" })],
    ["that is a logout token", () => client.tokenWith({}, { typ: "logout+jwt" })],
    ["without a user", () => client.tokenWith({ sub: undefined })],
    ["without an end", () => client.tokenWith({ exp: undefined })],
    ["that is not signed", () => client.tokenWith({}, {}, "none")],
    ["that is signed with the client's secret", () => client.tokenWith({}, {}, "hs256")],
    ["that is signed with the public key for a secret", () => client.tokenWith({}, {}, "hs256-public-key")],
    ["that is signed by a stranger under the provider's key id", () => client.tokenWith({}, {}, "other-key")],
    ["that is signed by a key that nobody published", () => client.tokenWith({}, {}, "unknown-kid")],
    ["that brings an address of keys", () => client.tokenWith({}, { jku: "http://127.0.0.1:9/jwks" }, "other-key")],
    ["whose signature has one bit flipped", () => client.tokenWith({}, {}, "broken")],
    ["that is bound to a key, as a bearer", () => client.tokenWith({ cnf: { jkt: "x" } })],
    ["that is bound to a certificate", () => client.tokenWith({ cnf: { "x5t#S256": "x" } })],
    ["of more than eight kilobytes", () => client.tokenWith({ much: "x".repeat(8_000) })],
    ["that is none", async () => "not.a.token"],
  ])("is refused with one %s, and not told why", async (_, make) => {
    const answered = await client.call(`Bearer ${await make()}`);
    expect([answered.status, answered.challenge, answered.json.error]).toEqual([
      401,
      client.refusal("invalid_token"),
      "not_authenticated",
    ]);
    expect(answered.cache).toBe("private, no-store");
    expect(answered.json.message).toBe("This access token is not accepted here.");
  });

  it("is told which scopes it lacks, and the trail knows", async () => {
    const answered = await client.call(`Bearer ${await client.tokenWith({ scope: "calls:write" })}`);
    const scoped = `Bearer error="insufficient_scope", scope="calls:read", resource_metadata="${client.metadataAddress}"`;
    expect([answered.status, answered.challenge, answered.json.error]).toEqual([403, scoped, "forbidden"]);
    expect(await lastAudit(app, "authorization.denied")).toMatchObject({ reason: "forbidden", provider: "company" });
  });

  it("is refused where its token was given to another client than those of the route", async () => {
    expect((await client.call(`Bearer ${await client.tokenWith()}`, { path: "phone" })).status).toBe(200);
    const other = await client.call(`Bearer ${await client.tokenWith({ client_id: "tablet" })}`, { path: "phone" });
    expect([other.status, other.challenge]).toEqual([401, client.refusal("invalid_token")]);
  });

  it("is refused where the route wants known users, or the app has a hook that decides, and its user never signed in", async () => {
    await signedIn(app, { user: "minsu" });
    expect((await client.call(`Bearer ${await client.tokenWith()}`, { path: "known" })).status).toBe(200);
    for (const path of ["known", "phone"]) {
      const stranger = await client.call(`Bearer ${await client.tokenWith({ sub: "nobody-here" })}`, { path });
      expect([stranger.status, stranger.challenge]).toEqual([401, client.refusal("invalid_token")]);
    }
  });

  it("comes from another provider where the route names that", async () => {
    const partners = await client.tokenWith({}, {}, "issuer", "partner");
    expect((await client.call(`Bearer ${partners}`, { path: "partner" })).json?.token.provider).toBe("partner");
    expect((await client.call(`Bearer ${await client.tokenWith()}`, { path: "partner" })).status).toBe(401);
  });

  it("is refused at once when its user is disabled, or has their account deleted", async () => {
    await signedIn(app, { user: "eunji" });
    const token = await client.tokenWith({ sub: "eunji" });
    expect((await client.call(`Bearer ${token}`)).status).toBe(200);
    const set = (column: string, value: string) =>
      app.rows(
        `UPDATE "User" SET "${column}" = ${value} WHERE id IN (SELECT "userId" FROM "Account" WHERE "providerAccountId" = 'eunji')`,
      );
    for (const column of ["disabledAt", "deletionAskedAt"]) {
      await set(column, "now()");
      expect((await client.call(`Bearer ${token}`)).challenge).toBe(client.refusal("invalid_token"));
      await set(column, "NULL");
    }
    expect((await client.call(`Bearer ${token}`)).status).toBe(200);
  });

  it.each([
    ["nothing behind the scheme", "Bearer"],
    ["two tokens", "Bearer one two"],
    ["what is no token", 'Bearer "quoted"'],
  ])("is told that its request is wrong where it sends %s", async (_, authorization) => {
    const answered = await client.call(authorization);
    expect([answered.status, answered.challenge, answered.json.error]).toEqual([
      400,
      client.refusal("invalid_request"),
      "invalid_request",
    ]);
  });

  it("is told to come again while the provider's keys cannot be had, or the database is away", async () => {
    // An instance that has never asked for the keys.
    const fresh = await app.startSibling();
    await app.control.addFault("company", { endpoint: "jwks", times: null, fault: { kind: "respond", status: 503 } });
    const keyless = await client.call(`Bearer ${await client.tokenWith()}`, { at: fresh.url });
    expect([keyless.status, keyless.json.error, keyless.headers.get("retry-after")]).toEqual([
      503,
      "provider_unavailable",
      expect.any(String),
    ]);
    await app.control.clearFaults("company");
    const token = await client.tokenWith();
    await app.database.cut();
    try {
      const nobody = await client.call(`Bearer ${token}`, { at: fresh.url });
      expect([nobody.status, nobody.json.error, nobody.challenge]).toEqual([503, "database_unavailable", null]);
    } finally {
      await app.database.mend();
    }
    await expect.poll(async () => (await client.call(`Bearer ${token}`, { at: fresh.url })).status).toBe(200);
    await fresh.stop();
  });
});

it("the first token of the guide, as the development provider signs it, is let in", async () => {
  const guide = readFileSync(join(root, "docs/api-clients.md"), "utf8");
  const now = Math.floor(Date.now() / 1000);
  const asked = /-d '(\{ "header"[\s\S]*?\} \})' \|/.exec(guide)?.[1] ?? "";
  const said = asked.replace("'$NOW'", String(now)).replace("'$((NOW + 300))'", String(now + 300));
  // But for where things are, and how the API is called.
  const here = said
    .replace("http://localhost:4001", app.issuers.company ?? "")
    .replace("http://localhost:3000/api/stock", `${app.url}/api/calls`)
    .replace("stock:read", "calls:read");
  const answered = await client.call(`Bearer ${await app.control.sign("company", JSON.parse(here))}`);
  expect([answered.status, answered.json?.token.subject]).toEqual([200, "minsu"]);
});

it("whoever sends tokens that are none, again and again, is told to wait, and genuine ones still pass", async () => {
  const limited = await app.startSibling({ RATE_LIMIT_PER_MINUTE: "5" });
  const nobodys = await client.tokenWith({ iss: "https://evil.example" });
  const statuses: number[] = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await client.call(`Bearer ${nobodys}`, { at: limited.url })).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  expect((await client.call(`Bearer ${await client.tokenWith()}`, { at: limited.url })).status).toBe(200);
  expect(await lastAudit(app, "rate.limited")).toMatchObject({ detail: { kind: "bearer" } });
  await limited.stop();
});

it("no part of a token is in any log", async () => {
  const token = await client.tokenWith({ sub: "secret-subject" });
  await client.call(`Bearer ${token}`);
  await client.call(`Bearer ${token.slice(0, -2)}`);
  await client.call(`Bearer ${token}`, { path: "phone" });
  for (const part of token.split(".")) expect(app.instance.output()).not.toContain(part);
});
