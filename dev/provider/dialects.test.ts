import { decodeJwt } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Dialect } from "./dialect";
import { type Parameters, shopping, signInUnder } from "./testing/dialect";
import { allScopes } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

describe("the dialect", () => {
  it("is RFC 8707's until the control API says otherwise, and again after a reset", async () => {
    expect((await world.control.describe("company")).dialect).toBe("resource");
    await world.control.setDialect("company", "audience");
    expect((await world.control.describe("company")).dialect).toBe("audience");
    await world.control.reset("company");
    expect((await world.control.describe("company")).dialect).toBe("resource");
    await expect(world.control.setDialect("company", "esperanto" as never)).rejects.toMatchObject({ status: 400 });
  });

  it.each<[Dialect, Parameters, Record<string, string>]>([
    [
      "resource",
      [
        ["scope", `${allScopes} shopping:read`],
        ["resource", shopping],
      ],
      { resource: shopping },
    ],
    ["audience", { scope: `${allScopes} shopping:read`, audience: shopping }, { audience: shopping }],
    ["scope", { scope: `${allScopes} ${shopping}/shopping:read` }, { scope: `${shopping}/.default` }],
  ])("%s rotates refresh tokens and notices one that comes back", async (dialect, parameters, target) => {
    const { tokens, refresh } = await signInUnder(world, dialect, "minsu", parameters);
    const fresh = await refresh(target);
    expect(fresh.refresh_token).not.toBe(tokens.refresh_token);
    expect(decodeJwt(fresh.access_token)).toMatchObject({ sub: "minsu" });
    const again = client.refreshTokenGrant(world.shopAtCompany, tokens.refresh_token ?? "", target);
    await expect(again).rejects.toMatchObject({ error: "invalid_grant" });
    await expect(refresh(target)).rejects.toMatchObject({ error: "invalid_grant" });
    expect(await world.control.counters("company")).toEqual({ refreshes: 1, reuseAlarms: 1 });
  });
});
