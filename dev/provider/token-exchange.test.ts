import { decodeJwt, decodeProtectedHeader } from "jose";
import * as openid from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokenExchangeGrant } from "./client-registration";
import { signIn } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;

let world: World;
let token: string;
let foreign: string;
beforeAll(async () => {
  world = await startWorld();
  const tokenExchange = { audiences: { ledger: ["ledger:read"], "https://ledger.example": [] } };
  await world.control.putClient("company", { ...world.shop.registration, tokenExchange });
  token = (await signIn(world.shopAtCompany, world.callback, "minsu")).tokens.access_token;
  foreign = (await signIn(world.blogAtCompany, `${world.blog.origin}/callback`, "minsu")).tokens.access_token;
});
afterAll(() => world.stop());

async function exchange(changed: Record<string, string | undefined> = {}, config = world.shopAtCompany) {
  const all = { audience: "ledger", subject_token: token, subject_token_type: type("access_token"), ...changed };
  const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
  try {
    return await openid.genericGrantRequest(config, tokenExchangeGrant, said);
  } catch (error) {
    if (error instanceof openid.ResponseBodyError) return { error: error.error };
    throw error;
  }
}

describe("the provider's token exchange", () => {
  it("gives a token for the audience alone, and says what it is", async () => {
    const given = await exchange();
    expect(given).toMatchObject({
      issued_token_type: type("access_token"),
      token_type: "bearer",
      scope: "ledger:read",
      expires_in: 3600,
    });
    const value = String("access_token" in given ? given.access_token : "");
    expect(decodeProtectedHeader(value).typ).toBe("at+jwt");
    expect(decodeJwt(value)).toMatchObject({ iss: world.company, sub: "minsu", aud: "ledger", client_id: "shop" });
    expect(given).not.toHaveProperty("refresh_token");
  });

  it.each([
    ["no subject token", { subject_token: undefined }, "invalid_request"],
    ["no type of it", { subject_token_type: undefined }, "invalid_request"],
    ["a type that is unknown", { subject_token_type: type("saml2") }, "invalid_request"],
    ["a token that is none", { subject_token: "nonsense" }, "invalid_request"],
    ["neither audience nor resource", { audience: undefined }, "invalid_request"],
    ["an audience that it may not have", { audience: "elsewhere" }, "invalid_target"],
    ["a resource that it may not have", { resource: "https://elsewhere.example" }, "invalid_target"],
    ["a scope that it may not have", { scope: "ledger:write" }, "invalid_scope"],
    ["a type of token that is not issued", { requested_token_type: type("refresh_token") }, "invalid_request"],
    ["an actor without a type", { actor_token: "x" }, "invalid_request"],
    ["the type of an actor who is not there", { actor_token_type: type("jwt") }, "invalid_request"],
    ["an actor whom nobody knows", { actor_token: "x.y.z", actor_token_type: type("jwt") }, "invalid_request"],
  ])("refuses %s", async (_, changed, error) => {
    expect(await exchange(changed)).toEqual({ error });
  });

  it("refuses a token that was given to another client, and a client that may not exchange", async () => {
    expect(await exchange({ subject_token: foreign })).toEqual({ error: "invalid_request" });
    expect(await exchange({ subject_token: foreign }, world.blogAtCompany)).toEqual({ error: "unauthorized_client" });
  });
});
