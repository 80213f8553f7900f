import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "./control-client";
import { discover, signIn } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

const add = (rule: FaultRuleInput) => world.control.addFault("company", rule);
const fetchDiscovery = (signal?: AbortSignal) =>
  fetch(`${world.company}/.well-known/openid-configuration`, signal ? { signal } : {});
const signInHere = () => signIn(world.shopAtCompany, world.callback, "minsu");

describe("a fault", () => {
  it("applies as often as it was asked to, then no more", async () => {
    await add({
      endpoint: "discovery",
      times: 2,
      fault: { kind: "respond", status: 503, headers: { "retry-after": "7" } },
    });
    const first = await fetchDiscovery();
    expect([first.status, first.headers.get("retry-after")]).toEqual([503, "7"]);
    expect((await fetchDiscovery()).status).toBe(503);
    expect((await fetchDiscovery()).status).toBe(200);
    expect(await world.control.faults("company")).toEqual([]);
  });

  it("stays until it is cleared with times: null", async () => {
    const { id } = await add({
      endpoint: "discovery",
      times: null,
      fault: { kind: "respond", status: 500, body: "no" },
    });
    for (let request = 0; request < 3; request += 1) expect((await fetchDiscovery()).status).toBe(500);
    await world.control.clearFaults("company", id);
    expect((await fetchDiscovery()).status).toBe(200);
  });

  it("waits for its endpoint and its grant type", async () => {
    await add({
      endpoint: "token",
      grantType: "refresh_token",
      fault: { kind: "respond", status: 400, json: { error: "invalid_grant" } },
    });
    expect((await fetchDiscovery()).status).toBe(200);
    const { tokens } = await signInHere();
    const refresh = () => client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "");
    await expect(refresh()).rejects.toMatchObject({ error: "invalid_grant" });
    await refresh();
  });

  it("is used before the next one of its kind, and together with other kinds", async () => {
    await add({ endpoint: "discovery", fault: { kind: "json", set: { issuer: "https://first.example" } } });
    await add({ endpoint: "discovery", fault: { kind: "json", remove: ["userinfo_endpoint"] } });
    await add({ endpoint: "discovery", fault: { kind: "delay", delayMs: 1 } });
    const first = (await (await fetchDiscovery()).json()) as Record<string, unknown>;
    expect(first.issuer).toBe("https://first.example");
    const second = (await (await fetchDiscovery()).json()) as Record<string, unknown>;
    expect(second.issuer).toBe(world.company);
    expect(second).not.toHaveProperty("userinfo_endpoint");
    const [entry] = await world.control.journal("company", { endpoint: "discovery" });
    expect(entry?.faults).toEqual(["json", "delay"]);
  });
});

describe("the connection", () => {
  it("is held without an answer by hang", async () => {
    await add({ endpoint: "jwks", fault: { kind: "hang" } });
    const gaveUp = new AbortController();
    const asked = fetch(`${world.company}/jwks`, { signal: gaveUp.signal });
    await expect
      .poll(() => world.control.journal("company", { endpoint: "jwks" }))
      .toMatchObject([{ status: null, faults: ["hang"] }]);
    gaveUp.abort();
    await expect(asked).rejects.toThrow();
  });

  it("is reset before anything happened by reset", async () => {
    await add({ endpoint: "discovery", fault: { kind: "reset" } });
    await expect(fetchDiscovery()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  });

  it("is reset by reset_after_commit although the refresh token was rotated", async () => {
    const { tokens } = await signInHere();
    const refresh = () => client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "");
    await add({ endpoint: "token", fault: { kind: "reset_after_commit" } });
    await expect(refresh()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(await world.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
    expect((await world.control.issued("company")).at(-1)).toMatchObject({
      grantType: "refresh_token",
      delivered: false,
    });
    await expect(refresh()).rejects.toMatchObject({ error: "invalid_grant" });
    expect((await world.control.counters("company")).reuseAlarms).toBe(1);
  });

  it("breaks in the middle of the body by truncate", async () => {
    await add({ endpoint: "discovery", fault: { kind: "truncate", bytes: 40 } });
    const response = await fetchDiscovery();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it("gives the whole answer, slowly, by drip", async () => {
    await add({ endpoint: "discovery", fault: { kind: "drip", everyMs: 1, bytes: 500 } });
    const metadata = (await (await fetchDiscovery()).json()) as Record<string, unknown>;
    expect(metadata.issuer).toBe(world.company);
  });

  it("is flooded without end by flood, until the peer hangs up", async () => {
    await add({ endpoint: "userinfo", fault: { kind: "flood", bytes: null } });
    const hangUp = new AbortController();
    const response = await fetch(`${world.company}/userinfo`, { signal: hangUp.signal });
    const reader = response.body?.getReader();
    let received = 0;
    while (received < 5_000_000) received += (await reader?.read())?.value?.length ?? 0;
    hangUp.abort();
    expect((await fetchDiscovery()).status).toBe(200);
  });

  it("carries exactly as much filler as was asked for", async () => {
    await add({ endpoint: "userinfo", fault: { kind: "flood", bytes: 1_000_003, contentType: "text/html" } });
    const response = await fetch(`${world.company}/userinfo`);
    expect(response.headers.get("content-type")).toBe("text/html");
    expect((await response.arrayBuffer()).byteLength).toBe(1_000_003);
  });

  it("carries a gzip bomb", async () => {
    await add({ endpoint: "userinfo", fault: { kind: "gzip_bomb", bytes: 5_000_000 } });
    const response = await fetch(`${world.company}/userinfo`);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect((await response.arrayBuffer()).byteLength).toBe(5_000_000);
  });

  it("carries bytes that are no UTF-8", async () => {
    await add({
      endpoint: "userinfo",
      fault: {
        kind: "respond",
        status: 200,
        headers: { "content-type": "application/json" },
        bodyBase64: Buffer.from([0xff, 0xfe, 0x7b]).toString("base64"),
      },
    });
    const response = await fetch(`${world.company}/userinfo`);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0xff, 0xfe, 0x7b]);
  });
});

describe("the ID token", () => {
  const idTokenAfter = async (
    fault: Omit<Extract<FaultRuleInput["fault"], { kind: "id_token" }>, "kind">,
  ): Promise<string> => {
    await add({ endpoint: "token", fault: { kind: "id_token", ...fault } });
    await signInHere().catch(() => undefined);
    return (await world.control.issued("company")).at(-1)?.idToken ?? "";
  };
  const verify = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${world.company}/jwks`)), { issuer: world.company, audience: "shop" });

  it("can have other claims under a genuine signature", async () => {
    const token = await idTokenAfter({ setClaims: { nonce: "stolen", extra: [1] }, removeClaims: ["auth_time"] });
    const { payload } = await verify(token);
    expect(payload).toMatchObject({ nonce: "stolen", extra: [1], sub: "minsu" });
    expect(payload).not.toHaveProperty("auth_time");
  });

  it.each([
    ["other-key", { alg: "RS256" }],
    ["broken", { alg: "RS256" }],
    ["hs256", { alg: "HS256" }],
    ["hs256-public-key", { alg: "HS256" }],
    ["es256", { alg: "ES256" }],
  ] as const)("can be signed wrongly under the issuer's kid: %s", async (signWith, header) => {
    const token = await idTokenAfter({ signWith });
    const { kid } = await world.control.describe("company");
    expect(decodeProtectedHeader(token)).toMatchObject({ ...header, kid });
    await expect(verify(token)).rejects.toThrow();
  });

  it("can be signed by nobody, or by a key that nobody knows", async () => {
    const none = await idTokenAfter({ signWith: "none" });
    expect(none.endsWith(".")).toBe(true);
    const { kid } = await world.control.describe("company");
    expect(decodeProtectedHeader(await idTokenAfter({ signWith: "unknown-kid" })).kid).not.toBe(kid);
  });

  it("is as always for the next sign-in", async () => {
    await idTokenAfter({ signWith: "other-key" });
    expect((await signInHere()).tokens.claims()?.sub).toBe("minsu");
  });
});

describe("the answer to a refresh", () => {
  const shopping = "https://shopping.example/api";
  const refreshAs = async (fault: FaultRuleInput["fault"], asked: Record<string, string> = {}) => {
    await add({ endpoint: "token", grantType: "refresh_token", fault });
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu", {
      scope: "openid offline_access shopping:read",
      resource: shopping,
    });
    return client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "", asked);
  };

  it("can be a refusal that says when to come back, while the sign-in before it went well", async () => {
    const refused = refreshAs({
      kind: "respond",
      status: 429,
      headers: { "retry-after": "7" },
      json: { error: "temporarily_unavailable" },
    });
    const { response } = (await refused.catch((error: unknown) => error)) as client.ResponseBodyError;
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
  });

  it("can say anything, or lack a new refresh token", async () => {
    const said = { access_token: "made-up", expires_in: 3, scope: "openid other", refresh_token: "another" };
    expect(await refreshAs({ kind: "json", set: said })).toMatchObject(said);
    expect(await refreshAs({ kind: "json", remove: ["refresh_token"] })).not.toHaveProperty("refresh_token");
  });

  it("can carry an access token with other claims under a genuine signature", async () => {
    const fresh = await refreshAs(
      { kind: "access_token", setClaims: { aud: "https://evil.example" }, removeClaims: ["scope"] },
      { resource: shopping },
    );
    const keys = createRemoteJWKSet(new URL(`${world.company}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(fresh.access_token, keys, { issuer: world.company });
    expect(payload).toMatchObject({ aud: "https://evil.example", sub: "minsu" });
    expect(payload).not.toHaveProperty("scope");
    expect(protectedHeader.typ).toBe("at+jwt");
  });

  it("leaves an opaque access token as it is", async () => {
    const fresh = await refreshAs({ kind: "access_token", setClaims: { aud: "https://evil.example" } });
    expect(await client.fetchUserInfo(world.shopAtCompany, fresh.access_token, "minsu")).toMatchObject({
      sub: "minsu",
    });
  });
});

describe("userinfo", () => {
  it("can speak of somebody else", async () => {
    const { tokens } = await signInHere();
    await add({
      endpoint: "userinfo",
      fault: { kind: "userinfo", setClaims: { sub: "haneul" }, removeClaims: ["email"] },
    });
    const response = await fetch(`${world.company}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    const claims = (await response.json()) as Record<string, unknown>;
    expect(claims.sub).toBe("haneul");
    expect(claims).not.toHaveProperty("email");
  });

  it("can be a JWT, signed by anybody", async () => {
    const { tokens } = await signInHere();
    await add({
      endpoint: "userinfo",
      fault: { kind: "userinfo", jwt: { signWith: "none", setClaims: { aud: "shop" } } },
    });
    const response = await fetch(`${world.company}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(response.headers.get("content-type")).toBe("application/jwt");
    expect(decodeJwt(await response.text())).toMatchObject({ iss: world.company, aud: "shop", sub: "minsu" });
  });
});

it("the way back to the application can carry other parameters", async () => {
  await add({
    endpoint: "authorization",
    fault: { kind: "callback", set: { iss: "https://evil.example" }, remove: ["state"] },
  });
  const flow = signIn(world.shopAtCompany, world.callback, "minsu");
  await expect(flow).rejects.toThrow();
  expect(await world.control.faults("company")).toEqual([]);
  expect((await signInHere()).tokens.claims()?.sub).toBe("minsu");
});

it("the whole issuer can be down", async () => {
  await add({ endpoint: "all", times: null, fault: { kind: "reset" } });
  await expect(fetchDiscovery()).rejects.toThrow();
  await expect(fetch(`${world.company}/jwks`)).rejects.toThrow();
  await world.control.clearFaults("company");
  expect((await fetchDiscovery()).status).toBe(200);
});

it("a fault at one issuer leaves the other alone", async () => {
  await add({ endpoint: "discovery", times: null, fault: { kind: "respond", status: 500 } });
  expect((await discover(world.partner, world.shop.registration)).serverMetadata().issuer).toBe(world.partner);
});
