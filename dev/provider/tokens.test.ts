import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allScopes, beginFlow, signIn } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

const shopping = "https://shopping.example/api";
const store = "https://store.example/api";
const apiScopes = `${allScopes} shopping:read shopping:write store:read store:write nonsense:scope`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

describe("claims", () => {
  it("has every claim of the table for somebody who filled in everything", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul");
    const claims = tokens.claims();
    expect(claims).toMatchObject({
      name: "김하늘",
      username: "haneul",
      picture: `${world.company}/pictures/haneul.png`,
      created_at: 1_650_000_000_000,
      updated_at: 1_760_000_000_000,
      birthdate: "1991-04-05",
      email: "haneul@company.example",
      email_verified: true,
      phone_number_verified: true,
      address: { country: "KR" },
      roles: ["admin"],
      organizations: ["org_hanok", "org_maru"],
      organization_roles: ["org_hanok:admin", "org_maru:member"],
    });
    for (const claim of ["custom_data", "identities", "sso_identities", "organization_data"]) {
      expect(claims).not.toHaveProperty(claim);
    }
  });

  it("gives custom data, identities and organization data by userinfo only", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul");
    const userinfo = await client.fetchUserInfo(world.shopAtCompany, tokens.access_token, "haneul");
    expect(userinfo).toMatchObject({
      custom_data: { theme: "dark" },
      identities: { google: { userId: "1184" } },
      sso_identities: [{ issuer: "https://sso.example" }],
      organization_data: [
        { id: "org_hanok", name: "Hanok Works" },
        { id: "org_maru", name: "Maru Studio" },
      ],
    });
  });

  it("says null for the empty claims that were asked for, and leaves the others out", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "blank");
    const claims = tokens.claims();
    for (const claim of ["name", "username", "picture", "created_at", "updated_at", "email", "phone_number"]) {
      expect(claims).toHaveProperty(claim, null);
    }
    for (const claim of ["given_name", "email_verified", "address", "roles", "organizations", "organization_roles"]) {
      expect(claims).not.toHaveProperty(claim);
    }
  });

  it("gives nothing that was not asked for", async () => {
    await world.control.putClient("company", { ...world.shop.registration, alwaysIssueRefreshToken: false });
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul", { scope: "openid" });
    await world.control.putClient("company", world.shop.registration);
    expect(Object.keys(tokens.claims() ?? {}).sort()).toEqual(
      ["acr", "amr", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"].sort(),
    );
    expect(tokens.refresh_token).toBeUndefined();
  });
});

describe("refreshing", () => {
  it("rotates the refresh token and counts", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const fresh = await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "");
    expect(fresh.refresh_token).not.toBe(tokens.refresh_token);
    expect(fresh.claims()?.sub).toBe("minsu");
    expect(await world.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 0 });
  });

  it("raises an alarm when a used refresh token comes back, and ends the grant", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const used = tokens.refresh_token ?? "";
    const fresh = await client.refreshTokenGrant(world.shopAtCompany, used);
    await expect(client.refreshTokenGrant(world.shopAtCompany, used)).rejects.toMatchObject({ error: "invalid_grant" });
    await expect(client.refreshTokenGrant(world.shopAtCompany, fresh.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
    expect(await world.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 1 });
  });

  it("lets exactly one of many parallel refreshes win", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "")),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await world.control.counters("company")).reuseAlarms).toBeGreaterThan(0);
  });

  it("ends with the revocation of the refresh token", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const refreshToken = tokens.refresh_token ?? "";
    expect(await client.tokenIntrospection(world.shopAtCompany, refreshToken)).toMatchObject({ active: true });
    await client.tokenRevocation(world.shopAtCompany, refreshToken);
    expect(await client.tokenIntrospection(world.shopAtCompany, refreshToken)).toEqual({ active: false });
    await expect(client.refreshTokenGrant(world.shopAtCompany, refreshToken)).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });
});

describe("tokens for an API", () => {
  const forApis: [string, string][] = [
    ["scope", apiScopes],
    ["resource", shopping],
    ["resource", store],
  ];

  it("are RS256 JWTs with that API as audience and the scopes that the roles allow", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu", forApis);
    const fresh = await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "", {
      resource: shopping,
    });
    const keys = createRemoteJWKSet(new URL(`${world.company}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(fresh.access_token, keys, {
      issuer: world.company,
      audience: shopping,
    });
    expect(protectedHeader).toMatchObject({ alg: "RS256", typ: "at+jwt" });
    expect(payload).toMatchObject({ sub: "minsu", client_id: "shop", scope: "shopping:read" });
  });

  it("allow an admin to write", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul", forApis);
    const fresh = await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "", { resource: store });
    expect(decodeJwt(fresh.access_token)).toMatchObject({ aud: store, scope: "store:read store:write" });
  });

  it("come with the code already when the exchange names the resource", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback, forApis);
    const page = await flow.browser.open(flow.start);
    const { url } = await flow.browser.submit(page, 'data-person="minsu"', {}, { stopBefore: world.callback });
    const tokens = await flow.finish(url, { resource: shopping });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: shopping, scope: "shopping:read" });
  });

  it("lose a scope as soon as the person loses the role", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul", forApis);
    await world.control.changeUser("company", "haneul", { roles: [] });
    const fresh = await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "", { resource: store });
    expect(decodeJwt(fresh.access_token).scope).toBe("store:read");
  });

  it("are refused for an unknown resource, at the start and at a refresh, and the grant lives on", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback, { resource: "https://rs9.example" });
    const back = await flow.browser.open(flow.start, { stopBefore: world.callback });
    expect(back.url.searchParams.get("error")).toBe("invalid_target");

    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu", forApis);
    const refreshToken = tokens.refresh_token ?? "";
    const unknown = client.refreshTokenGrant(world.shopAtCompany, refreshToken, { resource: "https://rs9.example" });
    await expect(unknown).rejects.toMatchObject({ error: "invalid_target" });
    await client.refreshTokenGrant(world.shopAtCompany, refreshToken);
  });

  it("live as long as the control API says", async () => {
    const { accessTokenSeconds } = await world.control.describe("company");
    await world.control.setTokenLifetime("company", 2);
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu", forApis);
    expect(tokens.expires_in).toBe(2);
    const fresh = await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "", {
      resource: shopping,
    });
    const { iat = 0, exp } = decodeJwt(fresh.access_token);
    expect(exp).toBe(iat + 2);
    await world.control.setTokenLifetime("company", accessTokenSeconds);
  });
});

describe("tokens for an organization", () => {
  const refresh = (refreshToken: string | undefined, organization: string) =>
    client.refreshTokenGrant(world.shopAtCompany, refreshToken ?? "", { organization_id: organization });

  it("carry the organization and what the person may do there", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul");
    const admin = await refresh(tokens.refresh_token, "org_hanok");
    expect(decodeJwt(admin.access_token)).toMatchObject({
      aud: "urn:logto:organization:org_hanok",
      organization_id: "org_hanok",
      scope: "members:read members:write invoices:read invoices:write",
    });
    expect(admin.scope).toBe("members:read members:write invoices:read invoices:write");
    const member = await refresh(admin.refresh_token, "org_maru");
    expect(decodeJwt(member.access_token)).toMatchObject({
      organization_id: "org_maru",
      scope: "members:read invoices:read",
    });
  });

  it("are denied to a non-member, who keeps the refresh token", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    await expect(refresh(tokens.refresh_token, "org_maru")).rejects.toMatchObject({ error: "access_denied" });
    await expect(refresh(tokens.refresh_token, "org_nowhere")).rejects.toMatchObject({ error: "access_denied" });
    await client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "");
    expect((await world.control.counters("company")).reuseAlarms).toBe(0);
  });

  it("are denied as soon as somebody is removed from the organization", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const before = await refresh(tokens.refresh_token, "org_hanok");
    await world.control.changeUser("company", "minsu", { organizations: [] });
    await expect(refresh(before.refresh_token, "org_hanok")).rejects.toMatchObject({ error: "access_denied" });
  });

  it("need the organizations scope", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "minsu", { scope: "openid offline_access" });
    await expect(refresh(tokens.refresh_token, "org_hanok")).rejects.toMatchObject({ error: "insufficient_scope" });
  });
});
