import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientRegistration } from "./client-registration";
import { Browser } from "./testing/browser";
import { shopping, store } from "./testing/dialect";
import { allScopes, beginFlow, discover, type Flow } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
let config: client.Configuration;
let plain: ClientRegistration;

/** The client of these tests has none of the named options but those given. */
const register = (options: Partial<ClientRegistration> = {}) =>
  world.control.putClient("company", { ...plain, ...options });

beforeAll(async () => {
  world = await startWorld();
  plain = {
    clientId: "plain",
    clientSecret: "plain-secret-of-enough-length",
    redirectUris: [world.callback],
    postLogoutRedirectUris: [`${world.shop.origin}/`],
  };
  await register();
  config = await discover(world.company, plain);
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.control.reset("company");
  await register();
});

/** Chooses 이민수 where the page asks who it is, and allows what it asks for where it asks that. */
async function pass(flow: Flow) {
  const stop = { stopBefore: world.callback };
  let visit = await flow.browser.open(flow.start, stop);
  const asked: string[] = [];
  for (const marker of ['data-person="minsu"', 'data-form="consent"']) {
    if (!visit.body.includes(marker)) continue;
    asked.push(marker);
    visit = await flow.browser.submit(visit, marker, {}, stop);
  }
  return { asked, url: visit.url };
}

async function signIn(parameters: Record<string, string> | [string, string][] = {}, browser = new Browser()) {
  const flow = await beginFlow(config, world.callback, parameters, browser);
  const { asked, url } = await pass(flow);
  return { asked, tokens: await flow.finish(url), browser };
}

const scopesOf = ({ scope }: { scope?: string | undefined }) => scope?.split(" ") ?? [];

describe("offline_access (OpenID Connect Core 1.0, section 11)", () => {
  it("FF-31: offline_access brings no refresh token without prompt=consent, at the first sign-in and at the next", async () => {
    const first = await signIn();
    const second = await signIn({ prompt: "login" }, first.browser);
    for (const { tokens } of [first, second]) {
      expect(tokens.refresh_token).toBeUndefined();
      expect(scopesOf(tokens)).not.toContain("offline_access");
    }
  });

  it("FF-31: offline_access brings a refresh token with prompt=consent, and none again at a request of the same browser without it", async () => {
    const lasting = await signIn({ prompt: "consent" });
    expect(lasting.tokens.refresh_token).toBeDefined();
    expect(scopesOf(lasting.tokens)).toContain("offline_access");
    const { tokens, asked } = await signIn({}, lasting.browser);
    expect(asked).toEqual([]);
    expect(tokens.refresh_token).toBeUndefined();
    const both = await signIn({ prompt: "login consent" }, lasting.browser);
    expect(both.asked).toEqual(['data-person="minsu"', 'data-form="consent"']);
    expect(both.tokens.refresh_token).toBeDefined();
  });

  it("is not needed by a client that is always issued refresh tokens, and is not given to it either", async () => {
    await register({ alwaysIssueRefreshToken: true });
    const { tokens } = await signIn();
    expect(scopesOf(tokens)).not.toContain("offline_access");
    const fresh = await client.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(fresh.refresh_token).toBeDefined();
  });
});

describe("consent", () => {
  it("is asked for once, and again with prompt=consent", async () => {
    const { asked, browser } = await signIn();
    expect(asked).toEqual(['data-person="minsu"', 'data-form="consent"']);
    expect((await signIn({}, browser)).asked).toEqual([]);
    expect((await signIn({ prompt: "consent" }, browser)).asked).toEqual(['data-form="consent"']);
  });

  it("that is missing is an error with prompt=none", async () => {
    const { browser } = await signIn({ scope: "openid" });
    const flow = await beginFlow(config, world.callback, { prompt: "none" }, browser);
    const { url } = await pass(flow);
    expect(url.searchParams.get("error")).toBe("consent_required");
  });

  it("can be refused", async () => {
    const flow = await beginFlow(config, world.callback);
    const stop = { stopBefore: world.callback };
    const page = await flow.browser.open(flow.start, stop);
    const asked = await flow.browser.submit(page, 'data-person="minsu"', {}, stop);
    const back = await flow.browser.submit(asked, 'data-form="cancel"', {}, stop);
    expect(back.url.searchParams.get("error")).toBe("access_denied");
  });

  it("is not asked for with skipConsent, whatever the prompt", async () => {
    await register({ skipConsent: true });
    const { asked, browser } = await signIn();
    expect(asked).toEqual(['data-person="minsu"']);
    const again = await signIn({ prompt: "consent" }, browser);
    expect(again.asked).toEqual([]);
    expect(again.tokens.refresh_token).toBeDefined();
  });
});

describe("what is unknown", () => {
  it("is left out where it is a scope, as is one that the person was not given", async () => {
    const { tokens } = await signIn([
      ["scope", `${allScopes} nonsense shopping:read shopping:write`],
      ["resource", shopping],
      ["prompt", "consent"],
    ]);
    expect(scopesOf(tokens)).not.toContain("nonsense");
    const api = await client.refreshTokenGrant(config, tokens.refresh_token ?? "", { resource: shopping });
    expect(api.scope).toBe("shopping:read");
  });

  it("is refused where it is a resource, or one that was not authorized", async () => {
    const flow = await beginFlow(config, world.callback, { resource: "https://rs9.example" });
    expect((await pass(flow)).url.searchParams.get("error")).toBe("invalid_target");
    const { tokens } = await signIn({ scope: `${allScopes} shopping:read`, resource: shopping, prompt: "consent" });
    const refresh = client.refreshTokenGrant(config, tokens.refresh_token ?? "", { resource: store });
    await expect(refresh).rejects.toMatchObject({ error: "invalid_target" });
  });
});

it("signing out asks, also with a valid id_token_hint", async () => {
  const { tokens, browser } = await signIn();
  const parameters = { id_token_hint: tokens.id_token ?? "" };
  const page = await browser.open(client.buildEndSessionUrl(config, parameters).href);
  expect(page.body).toContain('data-form="sign-out"');
});

it("the control API takes no option that it does not know", async () => {
  await expect(register({ alwaysIssueRefreshTokens: true } as never)).rejects.toMatchObject({ status: 400 });
});
