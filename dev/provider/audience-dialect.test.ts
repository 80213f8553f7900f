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
  signInUnder(world, "audience", sub, parameters, tokenParameters);
const userinfo = (accessToken: string) => client.fetchUserInfo(world.shopAtCompany, accessToken, "minsu");

const isJwt = (token: string) => token.split(".").length === 3;

describe("the dialect audience", () => {
  const forShopping = { scope: `${allScopes} shopping:read shopping:write`, audience: shopping };

  it("gives the code exchange a JWT for the API and for userinfo", async () => {
    const { tokens } = await user("minsu", { ...forShopping, prompt: "consent" });
    const claims = decodeJwt(tokens.access_token);
    expect(claims.aud).toEqual([shopping, `${world.company}/userinfo`]);
    expect(tokens.scope).toBe(claims.scope);
    expect(tokens.scope?.split(" ")).toEqual(expect.arrayContaining(["openid", "offline_access", "shopping:read"]));
    expect(tokens.scope).not.toContain("shopping:write");
    expect(await userinfo(tokens.access_token)).toMatchObject({ email: "minsu@company.example" });
  });

  it("ends the JWT at userinfo with its grant, and never takes a forged one", async () => {
    const { tokens } = await user("minsu", forShopping);
    const forged = await world.control.sign("company", {
      claims: decodeJwt(tokens.access_token),
      signWith: "other-key",
    });
    await expect(userinfo(forged)).rejects.toThrow();
    expect(await userinfo(tokens.access_token)).toMatchObject({ sub: "minsu" });
    await world.control.revokeGrants("company", { sub: "minsu" });
    await expect(userinfo(tokens.access_token)).rejects.toThrow();
  });

  it("gives an opaque token for userinfo where no audience is named, and ignores resource", async () => {
    const without = await user("minsu", { resource: shopping });
    expect(isJwt(without.tokens.access_token)).toBe(false);
    const { refresh } = await user("minsu", forShopping);
    const fresh = await refresh({ resource: "https://rs9.example" });
    expect(isJwt(fresh.access_token)).toBe(false);
    expect(await userinfo(fresh.access_token)).toMatchObject({ sub: "minsu" });
  });

  it("gives a refresh the token of another audience than the authorized one", async () => {
    const { refresh } = await user("haneul", forShopping);
    const other = await refresh({ audience: store });
    expect(decodeJwt(other.access_token).aud).toEqual([store, `${world.company}/userinfo`]);
    expect(other.scope).toContain("store:read store:write");
    expect(other.scope).not.toContain("shopping");
    const narrow = await refresh({ audience: store, scope: "store:read" });
    expect(narrow.scope).toBe("store:read");
    expect(narrow.id_token).toBeDefined();
  });

  it("leaves out in silence what the person may not do", async () => {
    const { refresh } = await user("minsu", forShopping);
    expect((await refresh({ audience: store, scope: "store:read store:write" })).scope).toBe("store:read");
  });

  it("refuses an audience that nobody knows, and the refresh token stays good", async () => {
    const { refresh } = await user("minsu", forShopping);
    await expect(refresh({ audience: "https://rs9.example" })).rejects.toMatchObject({ error: "access_denied" });
    await refresh({ audience: shopping });
    const flow = await beginFlow(world.shopAtCompany, world.callback, { audience: "https://rs9.example" });
    const back = await flow.browser.open(flow.start, { stopBefore: world.callback });
    expect(back.url.searchParams.get("error")).toBe("access_denied");
  });
});
