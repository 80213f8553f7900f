import { decodeJwt } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Parameters, shopping, signInUnder, store } from "./testing/dialect";
import { allScopes, beginFlow } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

const user = (sub: string, parameters: Parameters, tokenParameters?: Record<string, string>) =>
  signInUnder(world, "scope", sub, parameters, tokenParameters);
const userinfo = (accessToken: string) => client.fetchUserInfo(world.shopAtCompany, accessToken, "minsu");

describe("the dialect scope", () => {
  const consent = `${allScopes} ${shopping}/shopping:read ${shopping}/shopping:write ${store}/.default`;

  it("gives the first resource's token to a code exchange without scope, and userinfo refuses it", async () => {
    const { tokens } = await user("minsu", { scope: consent });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: shopping, scp: "shopping:read" });
    expect(tokens.scope).toBe(`${shopping}/shopping:read`);
    await expect(userinfo(tokens.access_token)).rejects.toThrow();
  });

  it("gives a code exchange the token that its scope names", async () => {
    const api = await user("haneul", { scope: consent }, { scope: `openid ${store}/store:write` });
    expect(decodeJwt(api.tokens.access_token)).toMatchObject({ aud: store, scp: "store:write" });
    const own = await user("minsu", { scope: consent }, { scope: allScopes });
    expect(await userinfo(own.tokens.access_token)).toMatchObject({ sub: "minsu" });
  });

  it("gives a refresh the token of the one resource that its scopes name, by their full names", async () => {
    const { refresh } = await user("haneul", { scope: consent });
    const narrow = await refresh({ scope: `openid offline_access ${shopping}/shopping:read` });
    expect(decodeJwt(narrow.access_token)).toMatchObject({ aud: shopping, scp: "shopping:read" });
    expect(narrow.scope).toBe(`${shopping}/shopping:read`);
    const all = await refresh({ scope: `${store}/.default` });
    expect(decodeJwt(all.access_token).aud).toBe(store);
    expect(all.scope).toBe(`${store}/store:read ${store}/store:write`);
  });

  it("gives a refresh with OpenID scopes userinfo's token, and one without scope the first resource's", async () => {
    const { refresh } = await user("minsu", { scope: consent });
    const own = await refresh({ scope: "openid profile", resource: shopping, audience: shopping });
    expect(await userinfo(own.access_token)).toMatchObject({ sub: "minsu" });
    expect(decodeJwt((await refresh()).access_token).aud).toBe(shopping);
  });

  it("leaves out what the person may not do, where something else was asked for as well", async () => {
    const { refresh } = await user("minsu", { scope: consent });
    const fresh = await refresh({ scope: `${shopping}/shopping:read ${shopping}/shopping:write openid` });
    expect(fresh.scope).toBe(`${shopping}/shopping:read`);
  });

  it("refuses scopes of two resources, and the refresh token stays good", async () => {
    const { refresh } = await user("minsu", { scope: consent });
    await expect(refresh({ scope: `${shopping}/shopping:read ${store}/store:read` })).rejects.toMatchObject({
      error: "invalid_scope",
      error_description: expect.stringContaining("AADSTS28000"),
    });
    const exchange = user("minsu", { scope: consent }, { scope: `${shopping}/.default ${store}/.default` });
    await expect(exchange).rejects.toMatchObject({ error: "invalid_scope" });
    await refresh({ scope: `${store}/store:read` });
  });

  it("refuses what was not given, not consented to, or is not known, and the refresh token stays good", async () => {
    const { refresh } = await user("minsu", { scope: `${allScopes} ${shopping}/.default` });
    await expect(refresh({ scope: `${shopping}/shopping:write` })).rejects.toMatchObject({ error: "invalid_scope" });
    await expect(refresh({ scope: `${store}/store:read` })).rejects.toMatchObject({
      error: "invalid_grant",
      cause: { suberror: "consent_required", error_codes: [65001] },
    });
    await expect(refresh({ scope: "https://rs9.example/read" })).rejects.toMatchObject({ error: "invalid_resource" });
    await refresh({ scope: `${shopping}/shopping:read` });
    expect((await world.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("refuses to sign in for a resource that nobody knows, and ignores the resource parameter", async () => {
    await world.control.setDialect("company", "scope");
    const open = async (parameters: Record<string, string>) => {
      const flow = await beginFlow(world.shopAtCompany, world.callback, parameters);
      return flow.browser.open(flow.start, { stopBefore: world.callback });
    };
    const unknown = await open({ scope: "openid https://rs9.example/read" });
    expect(unknown.url.searchParams.get("error")).toBe("invalid_resource");
    expect((await open({ resource: "https://rs9.example" })).status).toBe(200);
  });
});
