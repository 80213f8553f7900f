import { decodeJwt } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Parameters, shopping, signInUnder, store } from "./testing/dialect";
import { allScopes } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

const user = (sub: string, parameters: Parameters, tokenParameters?: Record<string, string>) =>
  signInUnder(world, "resource", sub, parameters, tokenParameters);
const userinfo = (accessToken: string) => client.fetchUserInfo(world.shopAtCompany, accessToken, "minsu");

describe("the dialect resource", () => {
  const twoApis: [string, string][] = [
    ["scope", `${allScopes} shopping:read shopping:write store:read store:write`],
    ["resource", shopping],
    ["resource", store],
  ];

  it("gives userinfo's token to a refresh that names none of two authorized resources", async () => {
    const { refresh } = await user("minsu", twoApis);
    expect(await userinfo((await refresh()).access_token)).toMatchObject({ sub: "minsu" });
  });

  it("narrows to the scopes that a refresh names", async () => {
    const { refresh } = await user("haneul", twoApis);
    const narrow = await refresh({ resource: shopping, scope: "shopping:read" });
    expect([narrow.scope, decodeJwt(narrow.access_token).scope]).toEqual(["shopping:read", "shopping:read"]);
    expect(narrow.id_token).toBeUndefined(); // no openid among them
    expect((await refresh({ resource: shopping })).scope).toBe("shopping:read shopping:write");
  });

  it("refuses a scope that the person was not given, or has lost, and the refresh token stays good", async () => {
    const never = await user("minsu", twoApis);
    const lost = await user("haneul", twoApis);
    await world.control.changeUser("company", "haneul", { roles: [] });
    for (const { refresh } of [never, lost]) {
      const write = refresh({ resource: shopping, scope: "shopping:write" });
      await expect(write).rejects.toMatchObject({ error: "invalid_scope" });
      expect((await refresh({ resource: shopping })).scope).toBe("shopping:read");
    }
    expect((await world.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("refuses two resources at once, or none for a token without openid, and the refresh token stays good", async () => {
    const { refresh } = await user("minsu", twoApis);
    const both = new URLSearchParams([
      ["resource", shopping],
      ["resource", store],
    ]);
    await expect(refresh(both)).rejects.toMatchObject({ error: "invalid_target" });
    await expect(refresh({ scope: "shopping:read" })).rejects.toMatchObject({ error: "invalid_target" });
    await refresh({ resource: store });
  });

  it("answers a refresh with an ID token that tells when the person really signed in", async () => {
    const { tokens, refresh } = await user("minsu", twoApis);
    await world.control.setClock("company", 600);
    const fresh = await refresh({ resource: shopping });
    const signedIn = Number(tokens.claims()?.auth_time);
    expect(decodeJwt(fresh.id_token ?? "")).toMatchObject({ sub: "minsu", auth_time: signedIn });
  });

  it("gives a member the token of a resource in the name of an organization", async () => {
    const { refresh } = await user("minsu", twoApis);
    const fresh = await refresh({ resource: shopping, organization_id: "org_hanok" });
    expect(decodeJwt(fresh.access_token)).toMatchObject({
      aud: shopping,
      organization_id: "org_hanok",
      scope: "shopping:read",
    });
    expect(decodeJwt((await refresh({ resource: shopping })).access_token)).not.toHaveProperty("organization_id");
  });

  it("denies a non-member a resource in the name of an organization, and the refresh token stays good", async () => {
    const { refresh } = await user("minsu", twoApis);
    const stranger = refresh({ resource: shopping, organization_id: "org_maru" });
    await expect(stranger).rejects.toMatchObject({ error: "access_denied" });
    await refresh({ resource: shopping, organization_id: "org_hanok" });
  });

  it("narrows an organization's token to the scopes that a refresh names", async () => {
    const { refresh } = await user("minsu", {});
    const narrow = await refresh({ organization_id: "org_hanok", scope: "members:read" });
    expect([narrow.scope, decodeJwt(narrow.access_token).scope]).toEqual(["members:read", "members:read"]);
    const tooMuch = refresh({ organization_id: "org_hanok", scope: "members:write" });
    await expect(tooMuch).rejects.toMatchObject({ error: "invalid_scope" });
    expect((await refresh({ organization_id: "org_hanok" })).scope).toBe("members:read invoices:read");
  });

  it("lets Logto's reserved resource for organizations pass, and it adds nothing", async () => {
    const reserved = "urn:logto:resource:organizations";
    const { tokens, refresh } = await user("minsu", [...twoApis, ["resource", reserved]]);
    expect(await userinfo(tokens.access_token)).toMatchObject({ sub: "minsu" });
    expect(decodeJwt((await refresh({ resource: shopping })).access_token).aud).toBe(shopping);
    expect(decodeJwt((await refresh({ organization_id: "org_hanok" })).access_token).aud).toBe(
      "urn:logto:organization:org_hanok",
    );
    const alone = await user("minsu", { resource: reserved });
    expect(await userinfo(alone.tokens.access_token)).toMatchObject({ sub: "minsu" });
  });
});
