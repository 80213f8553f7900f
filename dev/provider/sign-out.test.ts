import { decodeJwt } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Browser } from "./testing/browser";
import { beginFlow, signIn } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  for (const { registration } of [world.shop, world.blog]) {
    const { frontchannelLogoutUri: _uri, ...client } = registration;
    await world.control.putClient("company", client);
  }
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.control.reset("company");
  world.shop.logoutTokens.length = 0;
  world.blog.logoutTokens.length = 0;
});

const home = () => `${world.shop.origin}/`;
const endSession = (parameters: Record<string, string>) =>
  client.buildEndSessionUrl(world.shopAtCompany, parameters).href;

async function isSignedIn(browser: Browser): Promise<boolean> {
  const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "none" }, browser);
  return (await browser.open(flow.start, { stopBefore: world.callback })).url.searchParams.has("code");
}

describe("signing out at the provider", () => {
  it("asks nothing with a valid id_token_hint, and returns with the state", async () => {
    const { browser, tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const back = await browser.open(
      endSession({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: home(), state: "s-1" }),
      { stopBefore: home() },
    );
    expect(back.url.href).toBe(`${home()}?state=s-1`);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it("tells every application by back channel, with sub and the sid that its ID token had", async () => {
    const { browser, tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const callback = `${world.blog.origin}/callback`;
    const flow = await beginFlow(world.blogAtCompany, callback, {}, browser);
    const blogTokens = await flow.finish((await browser.open(flow.start, { stopBefore: callback })).url);
    await browser.open(endSession({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: home() }), {
      stopBefore: home(),
    });
    const [atShop] = world.shop.logoutTokens.map((token) => decodeJwt(token));
    const [atBlog] = world.blog.logoutTokens.map((token) => decodeJwt(token));
    expect(atShop).toMatchObject({ sub: "minsu", aud: "shop", sid: tokens.claims()?.sid });
    expect(atBlog).toMatchObject({ sub: "minsu", aud: "blog", sid: blogTokens.claims()?.sid });
    const issued = await world.control.issued("company");
    expect(issued.filter(({ kind }) => kind === "logout_token")).toHaveLength(2);
  });

  it("asks without a hint, and staying signed in is an answer", async () => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const page = await browser.open(endSession({ post_logout_redirect_uri: home() }));
    expect(page.body).toContain('data-form="sign-out"');
    await browser.submit(page, 'data-form="sign-out"', { logout: "yes" }, { stopBefore: home() });
    expect(await isSignedIn(browser)).toBe(false);
  });

  it("asks when the hint is about somebody else", async () => {
    const { tokens } = await signIn(world.shopAtCompany, world.callback, "haneul");
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const page = await browser.open(
      endSession({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: home() }),
    );
    expect(page.body).toContain('data-form="sign-out"');
    expect(await isSignedIn(browser)).toBe(true);
  });

  it("returns at once when nobody is signed in", async () => {
    const { tokens, browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    await world.control.endSessions("company");
    const url = endSession({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: home() });
    expect((await browser.open(url, { stopBefore: home() })).status).toBe(0);
  });

  it("says so on a page of its own, in Korean too, when there is nowhere to return to", async () => {
    const { tokens, browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const page = await browser.open(endSession({ id_token_hint: tokens.id_token ?? "" }));
    expect(page.body).toContain("You are signed out");
    const korean = await browser.open(`${world.company}/session/end/success?ui_locales=ko`);
    expect(korean.body).toContain("로그아웃했어요");
  });

  it("refuses an address to return to that is not registered", async () => {
    const { tokens, browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const page = await browser.open(
      endSession({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: "https://evil.example/" }),
    );
    expect(page.status).toBe(400);
    expect(page.body).toContain("invalid_request");
  });

  it("loads front-channel logout addresses in frames, with iss and sid, before it goes on", async () => {
    await world.control.putClient("company", world.shop.registration);
    const { browser, tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const page = await browser.open(
      endSession({ id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: home(), state: "s-2" }),
      { stopBefore: home() },
    );
    const frame = new URL(/<iframe src="([^"]+)"/.exec(page.body)?.[1]?.replaceAll("&#38;", "&") ?? "");
    expect(frame.origin + frame.pathname).toBe(`${world.shop.origin}/frontchannel`);
    expect(frame.searchParams.get("iss")).toBe(world.company);
    expect(frame.searchParams.get("sid")).toBe(tokens.claims()?.sid);
    expect(page.body).toContain(`href="${home()}?state=s-2"`);
    const { frontchannelLogoutUri: _uri, ...withoutFrame } = world.shop.registration;
    await world.control.putClient("company", withoutFrame);
  });
});

describe("back-channel logout on demand", () => {
  it("delivers a valid logout token and says what was answered", async () => {
    const result = await world.control.backchannelLogout("company", { clientId: "shop", sub: "minsu", sid: "sid-1" });
    expect(result).toMatchObject({ status: 200, body: "noted", headers: { "x-answered-by": "relying-party" } });
    expect(world.shop.logoutTokens).toEqual([result.logoutToken]);
    const claims = decodeJwt(result.logoutToken);
    expect(claims).toMatchObject({
      iss: world.company,
      aud: "shop",
      sub: "minsu",
      sid: "sid-1",
      jti: expect.any(String),
    });
    expect(claims.exp).toBe((claims.iat ?? 0) + 120);
  });

  it("only makes the token with deliver: false, changed as asked", async () => {
    const { logoutToken, status } = await world.control.backchannelLogout("company", {
      clientId: "shop",
      sub: "minsu",
      deliver: false,
      mutate: { header: { typ: null }, setClaims: { nonce: "n", extra: 1 }, removeClaims: ["exp"], signWith: "none" },
    });
    expect(status).toBeNull();
    expect(world.shop.logoutTokens).toEqual([]);
    const header = JSON.parse(Buffer.from(logoutToken.split(".")[0] ?? "", "base64url").toString());
    expect(header).toEqual({ alg: "none" });
    expect(decodeJwt(logoutToken)).toMatchObject({ nonce: "n", extra: 1 });
    expect(decodeJwt(logoutToken)).not.toHaveProperty("exp");
  });

  it("can be changed or lost when the provider itself sends it", async () => {
    await world.control.addFault("company", {
      endpoint: "backchannel",
      fault: { kind: "logout_token", setClaims: { aud: "evil" } },
    });
    const first = await signIn(world.shopAtCompany, world.callback, "minsu");
    await first.browser.open(endSession({ id_token_hint: first.tokens.id_token ?? "" }));
    expect(decodeJwt(world.shop.logoutTokens[0] ?? "")).toMatchObject({ aud: "evil" });

    await world.control.addFault("company", { endpoint: "backchannel", fault: { kind: "reset" } });
    const second = await signIn(world.shopAtCompany, world.callback, "minsu");
    await second.browser.open(endSession({ id_token_hint: second.tokens.id_token ?? "" }));
    expect(world.shop.logoutTokens).toHaveLength(1);
    await vi.waitFor(async () => {
      expect((await world.control.issued("company")).at(-1)).toMatchObject({ kind: "logout_token", delivered: false });
    });
  });
});
