import * as openid from "openid-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../provider/testing/browser";
import { beginFlow, discover, signIn } from "../provider/testing/relying-party";
import { connectAddress } from "../run/app-environment";
import { introspector } from "./notes-issuer";
import { appUrl, type Behind, client, posting, startBehind } from "./testing/behind";

let behind: Behind;
let app: openid.Configuration;
const callback = connectAddress(appUrl, "notes");
beforeAll(async () => {
  behind = await startBehind();
  app = await discover(behind.issuerOf("notes"), { ...client, redirectUris: [], postLogoutRedirectUris: [] });
});
afterAll(() => behind.stop());
afterEach(async () => {
  await behind.control.reset("notes");
  await behind.services.notes.control.reset();
});

// What brings a refresh token (OpenID Connect Core 1.0, section 11).
const lasting = { prompt: "consent" };
const connect = async (scope: string, sub = "n-minsu") =>
  (await signIn(app, callback, sub, { ...lasting, scope: `openid offline_access ${scope}` })).tokens;
const ask = (token: string, init?: RequestInit) => behind.call("notes", "/notes", token, init);

describe("the notes", () => {
  it("open with a token that a plain OAuth client is given, which names no resource", async () => {
    const { access_token: token } = await connect("notes:read notes:write");
    expect(token.split(".")).toHaveLength(1); // opaque
    const written = await ask(token, posting({ text: "Call the carpenter" }));
    expect(written.status).toBe(201);
    expect(await (await ask(token)).json()).toEqual({ notes: [await written.json()] });
    const other = await connect("notes:read", "n-haneul");
    expect(await (await ask(other.access_token)).json()).toEqual({ notes: [] });
  });

  it("stay shut to a scope that was not asked for", async () => {
    const { access_token: token } = await connect("notes:read");
    const refused = await ask(token, posting({ text: "x" }));
    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
    expect(refused.headers.get("www-authenticate")).toContain('scope="notes:write"');
  });

  it("refuse what makes no sense", async () => {
    const { access_token: token } = await connect("notes:write");
    expect((await ask(token, posting({ text: "  " }))).status).toBe(422);
  });

  it("refuse a refresh token, an ID token, a revoked token and one of another issuer", async () => {
    const tokens = await connect("notes:read");
    expect((await ask(tokens.access_token)).status).toBe(200);
    const others = [tokens.refresh_token, tokens.id_token, "nonsense", await behind.shoppingToken()];
    for (const other of others) {
      const refused = await ask(other ?? "");
      expect(refused.status).toBe(401);
      expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
    await openid.tokenRevocation(app, tokens.access_token);
    expect((await ask(tokens.access_token)).status).toBe(401);
  });

  it("refuse a token that has expired", async () => {
    const { access_token: token } = await connect("notes:read");
    await behind.control.setClock("notes", 3_700);
    expect((await ask(token)).status).toBe(401);
  });

  it("cannot tell while their authorization server does not answer, and say so", async () => {
    const { access_token: token } = await connect("notes:read");
    for (const fault of [{ kind: "reset" }, { kind: "respond", status: 500 }] as const) {
      await behind.control.addFault("notes", { endpoint: "introspection", fault });
      expect((await ask(token)).status).toBe(503);
    }
    expect((await ask(token)).status).toBe(200);
  });

  it("do not open a service of another issuer", async () => {
    const { access_token: token } = await connect("notes:read");
    expect((await behind.call("shopping", "/orders", token)).status).toBe(401);
  });
});

describe("the authorization server of the notes", () => {
  it("has people of its own, under the same logins", async () => {
    const users = await behind.control.users("notes");
    const company = await behind.control.users("company");
    expect(users.map(({ login }) => login)).toEqual(company.map(({ login }) => login));
    expect(users.filter(({ sub }) => company.some((user) => user.sub === sub))).toEqual([]);
  });

  it("answers userinfo for the same token", async () => {
    const { access_token: token } = await connect("profile email notes:read");
    expect(await openid.fetchUserInfo(app, token, "n-minsu")).toMatchObject({
      sub: "n-minsu",
      name: "이민수",
      email: "minsu@company.example",
    });
  });

  it("rotates refresh tokens, and the scopes stay", async () => {
    const tokens = await connect("notes:read");
    const fresh = await openid.refreshTokenGrant(app, tokens.refresh_token ?? "");
    expect(fresh.refresh_token).not.toBe(tokens.refresh_token);
    expect(fresh.scope?.split(" ")).toContain("notes:read");
    expect((await ask(fresh.access_token)).status).toBe(200);
    await expect(openid.refreshTokenGrant(app, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("gives a second request for more scopes all of them, and the first grant lives on", async () => {
    const browser = new Browser();
    const first = await signIn(
      app,
      callback,
      "n-minsu",
      { ...lasting, scope: "openid offline_access notes:read" },
      browser,
    );
    // The browser is known by now: nothing is asked.
    const flow = await beginFlow(
      app,
      callback,
      { ...lasting, scope: "openid offline_access notes:read notes:write" },
      browser,
    );
    const second = await flow.finish((await browser.open(flow.start, { stopBefore: callback })).url);
    for (const tokens of [second, await openid.refreshTokenGrant(app, second.refresh_token ?? "")]) {
      expect(tokens.scope?.split(" ")).toEqual(expect.arrayContaining(["notes:read", "notes:write"]));
      expect((await ask(tokens.access_token, posting({ text: "More" }))).status).toBe(201);
      expect((await ask(tokens.access_token)).status).toBe(200);
    }
    const former = await openid.refreshTokenGrant(app, first.tokens.refresh_token ?? "");
    expect(former.scope?.split(" ")).not.toContain("notes:write");
    // Both are one grant there, as they are at many providers: it ends as a whole.
    await openid.tokenRevocation(app, former.refresh_token ?? "");
    expect((await ask(second.access_token)).status).toBe(401);
  });

  it("tells the service, and no other client, about the app's tokens", async () => {
    const { access_token: token } = await connect("notes:read");
    await behind.control.putClient("notes", {
      clientId: "stranger",
      clientSecret: "a-stranger-of-the-tests",
      redirectUris: ["http://localhost:3998/callback"],
      postLogoutRedirectUris: [],
    });
    const as = (clientId: string, clientSecret: string) =>
      discover(behind.issuerOf("notes"), { clientId, clientSecret, redirectUris: [], postLogoutRedirectUris: [] });
    const service = await as(introspector.clientId, introspector.clientSecret);
    expect(await openid.tokenIntrospection(service, token)).toMatchObject({ active: true, sub: "n-minsu" });
    const stranger = await as("stranger", "a-stranger-of-the-tests");
    expect(await openid.tokenIntrospection(stranger, token)).toEqual({ active: false });
    await behind.control.removeClient("notes", "stranger");
  });

  it("signs nobody in to the service itself", async () => {
    const visit = await new Browser().open(
      `${behind.issuerOf("notes")}/authorize?${new URLSearchParams({
        client_id: introspector.clientId,
        redirect_uri: callback,
        response_type: "code",
        scope: "openid",
      })}`,
    );
    expect(visit.status).toBe(400);
  });

  it("knows no API of the company, and the company no scope of its", async () => {
    const metadata = async (id: string) =>
      (await fetch(`${behind.issuerOf(id)}/.well-known/openid-configuration`)).json();
    expect((await metadata("notes")).scopes_supported).toEqual(expect.arrayContaining(["notes:read", "notes:write"]));
    expect((await metadata("company")).scopes_supported).not.toContain("notes:read");
    const visit = await new Browser().open(
      openid.buildAuthorizationUrl(app, {
        redirect_uri: callback,
        scope: "openid",
        resource: "https://shopping.example/api",
        code_challenge: "x".repeat(43),
        code_challenge_method: "S256",
      }).href,
      { stopBefore: callback },
    );
    expect(visit.url.searchParams.get("error")).toBe("invalid_target");
  });
});
