import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { beginFlow, discover, signIn, startRelyingParty } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

const signInHere = (sub = "minsu") => signIn(world.shopAtCompany, world.callback, sub);
const publishedKeys = async () => (await (await fetch(`${world.company}/jwks`)).json()) as JSONWebKeySet;

describe("the control API", () => {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(world.providers.control.url + path, {
      ...init,
      headers: { authorization: `Bearer ${world.providers.control.secret}`, ...init.headers },
    });

  it.each([undefined, "Bearer wrong", "Basic abc"])("stays shut for %s", async (authorization) => {
    const response = await fetch(`${world.providers.control.url}/issuers`, {
      headers: authorization ? { authorization } : {},
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: "unauthorized" });
  });

  it("lists the issuers", async () => {
    expect(await (await ask("/issuers")).json()).toEqual({
      issuers: { company: { issuer: world.company }, partner: { issuer: world.partner } },
    });
  });

  it.each([
    ["GET", "/issuers/nobody/journal", undefined, 404],
    ["GET", "/issuers/company/nothing", undefined, 404],
    ["POST", "/issuers/company/journal", undefined, 405],
    ["POST", "/issuers/company/clock", "{", 400],
    ["POST", "/issuers/company/clock", '{"offsetSeconds":"soon"}', 400],
    ["POST", "/issuers/company/faults", '{"endpoint":"token","fault":{"kind":"explode"}}', 400],
    ["PUT", "/issuers/company/clients/x", '{"clientSecret":"s"}', 400],
    ["POST", "/issuers/company/users/nobody", "{}", 404],
  ])("answers %s %s %s with a clear %i", async (method, path, body, status) => {
    const response = await ask(path, { method, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  });
});

describe("the journal", () => {
  it("keeps every request with its form, and every token that left", async () => {
    const { tokens } = await signInHere();
    const [request] = await world.control.journal("company", { endpoint: "token" });
    expect(request).toMatchObject({
      method: "POST",
      path: "/token",
      status: 200,
      form: { grant_type: "authorization_code", code: expect.any(String), code_verifier: expect.any(String) },
    });
    expect((await world.control.issued("company")).at(-1)).toMatchObject({
      kind: "token_response",
      clientId: "shop",
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      idToken: tokens.id_token,
    });
  });

  it("answers only what came after `since`, and forgets when asked", async () => {
    await publishedKeys();
    const before = (await world.control.journal("company")).at(-1)?.seq ?? 0;
    await publishedKeys();
    expect(await world.control.journal("company", { since: before })).toHaveLength(1);
    await world.control.clearJournal("company");
    expect(await world.control.journal("company")).toEqual([]);
  });
});

describe("keys", () => {
  it("rotate without a restart; what the old key signed can still be verified", async () => {
    const before = (await signInHere()).tokens.id_token ?? "";
    const { kid } = await world.control.rotateKeys("company");
    const after = (await signInHere()).tokens.id_token ?? "";
    const keys = createLocalJWKSet(await publishedKeys());
    expect((await jwtVerify(after, keys)).protectedHeader.kid).toBe(kid);
    expect((await jwtVerify(before, keys)).protectedHeader.kid).not.toBe(kid);
  });

  it("can be dropped; what they signed can no longer be verified, and sign-ins go on", async () => {
    const { browser, tokens } = await signInHere();
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "login" }, browser);
    const page = await browser.open(flow.start);
    await world.control.rotateKeys("company", { keepOld: false });
    expect((await publishedKeys()).keys).toHaveLength(1);
    await expect(jwtVerify(tokens.id_token ?? "", createLocalJWKSet(await publishedKeys()))).rejects.toThrow();
    const back = await browser.submit(page, 'data-person="minsu"', {}, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).claims()?.sub).toBe("minsu");
    await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "");
  });

  it("sign anything on request", async () => {
    const token = await world.control.sign("company", { claims: { hello: "world" }, header: { typ: "odd" } });
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(`${world.company}/jwks`)));
    expect(payload).toEqual({ hello: "world" });
    expect(protectedHeader.typ).toBe("odd");
  });
});

describe("the clock", () => {
  it("moves iat, exp and auth_time of what is issued", async () => {
    await world.control.setClock("company", 7_200);
    const claims = decodeJwt((await signInHere()).tokens.id_token ?? "");
    const now = Math.floor(Date.now() / 1000);
    for (const time of [claims.iat, claims.auth_time as number])
      expect(Math.abs((time ?? 0) - now - 7_200)).toBeLessThan(60);
    expect(claims.exp).toBe((claims.iat ?? 0) + 3_600);
  });

  it("makes old what was issued before: refresh tokens run out after fourteen days", async () => {
    const { tokens } = await signInHere();
    await world.control.setClock("company", 15 * 24 * 3_600);
    const refresh = () => client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "");
    await expect(refresh()).rejects.toMatchObject({ error: "invalid_grant" });
    await world.control.setClock("company", 0);
    await refresh();
  });

  it("makes access tokens old at userinfo", async () => {
    const { tokens } = await signInHere();
    const userinfo = () =>
      fetch(`${world.company}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect((await userinfo()).status).toBe(200);
    await world.control.setClock("company", 3_601);
    expect((await userinfo()).status).toBe(401);
  });
});

describe("grants and sessions", () => {
  it("revokes the grants of one person at one client, and of nobody else", async () => {
    const minsu = (await signInHere("minsu")).tokens.refresh_token ?? "";
    const haneul = (await signInHere("haneul")).tokens.refresh_token ?? "";
    expect(await world.control.revokeGrants("company", { sub: "minsu", clientId: "shop" })).toEqual({ revoked: 1 });
    await expect(client.refreshTokenGrant(world.shopAtCompany, minsu)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    await client.refreshTokenGrant(world.shopAtCompany, haneul);
  });

  it("lists sessions with the sid of each client, and ends them in silence", async () => {
    const { browser, tokens } = await signInHere();
    const [session] = await world.control.sessions("company");
    expect(session).toMatchObject({ sub: "minsu", clients: { shop: tokens.claims()?.sid } });
    expect(await world.control.endSessions("company", { sub: "minsu" })).toEqual({ ended: 1 });
    expect(world.shop.logoutTokens).toEqual([]);
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "none" }, browser);
    const back = await browser.open(flow.start, { stopBefore: world.callback });
    expect(back.url.searchParams.get("error")).toBe("login_required");
  });
});

describe("people and clients", () => {
  it("takes new people, changes them, removes them and puts all back", async () => {
    await world.control.putUser("company", {
      sub: "new",
      login: "new",
      name: "New",
      emailVerified: true,
      email: "n@e.example",
    });
    expect((await signInHere("new")).tokens.claims()).toMatchObject({ sub: "new", email_verified: true });
    await world.control.changeUser("company", "new", { email: null, roles: ["admin"] });
    expect((await signInHere("new")).tokens.claims()).toMatchObject({ email: null, roles: ["admin"] });
    await world.control.removeUser("company", "new");
    await expect(world.control.user("company", "new")).rejects.toMatchObject({ status: 404 });
    await world.control.resetUsers("company");
    expect((await world.control.users("company")).map(({ sub }) => sub)).toContain("minsu");
  });

  it("asks again in the browser of somebody who was removed", async () => {
    await world.control.putUser("company", { sub: "brief", login: "brief" });
    const { browser } = await signInHere("brief");
    await world.control.removeUser("company", "brief");
    const flow = await beginFlow(world.shopAtCompany, world.callback, {}, browser);
    const page = await browser.open(flow.start, { stopBefore: world.callback });
    await world.control.putClient("company", withoutFrames(world));
    const back = await browser.submit(page, 'data-person="minsu"', {}, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).claims()?.sub).toBe("minsu");
    await world.control.putClient("company", world.shop.registration);
  });

  it("refuses a change that makes no person", async () => {
    await expect(world.control.changeUser("company", "minsu", { roles: "admin" as never })).rejects.toMatchObject({
      status: 400,
    });
  });

  it("registers a client while it runs, and replaces its addresses", async () => {
    const late = await startRelyingParty("late");
    await world.control.putClient("company", late.registration);
    const config = await discover(world.company, late.registration);
    expect((await signIn(config, `${late.origin}/callback`, "minsu")).tokens.claims()?.aud).toBe("late");
    await world.control.putClient("company", { ...late.registration, redirectUris: [`${late.origin}/elsewhere`] });
    expect((await signIn(config, `${late.origin}/elsewhere`, "minsu")).tokens.claims()?.aud).toBe("late");
    await world.control.removeClient("company", "late");
    expect((await world.control.clients("company")).map(({ clientId }) => clientId)).toEqual(["shop", "blog"]);
    await late.stop();
  });
});

// Their page goes on by JavaScript, which this browser does not have.
function withoutFrames({ shop }: World) {
  const { frontchannelLogoutUri: _uri, ...registration } = shop.registration;
  return registration;
}
