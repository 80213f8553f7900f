import * as client from "openid-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Browser } from "./testing/browser";
import { beginFlow, discover, signIn } from "./testing/relying-party";
import { startWorld, type World } from "./testing/world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.control.reset("company"));

describe("a first sign-in", () => {
  it("gives tokens that openid-client accepts, with acr, amr, auth_time and sid", async () => {
    const { tokens, visit } = await signIn(world.shopAtCompany, world.callback, "minsu");
    expect(visit.url.searchParams.get("iss")).toBe(world.company);
    expect(tokens.claims()).toMatchObject({
      iss: world.company,
      sub: "minsu",
      aud: "shop",
      acr: "urn:daemun:acr:1",
      amr: ["pwd"],
      sid: expect.any(String),
      auth_time: expect.any(Number),
    });
    expect(tokens.refresh_token).toEqual(expect.any(String));
  });

  it("takes a login and a password", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback);
    const page = await flow.browser.open(flow.start);
    const back = await flow.browser.submit(
      page,
      'data-form="password"',
      { login: "eunji", password: "daemun" },
      { stopBefore: world.callback },
    );
    expect((await flow.finish(back.url)).claims()?.sub).toBe("eunji");
  });

  it("says so when login and password do not belong together, and keeps the login", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback);
    const page = await flow.browser.open(flow.start);
    const again = await flow.browser.submit(page, 'data-form="password"', { login: 'mi"nsu', password: "wrong" });
    expect(again.status).toBe(400);
    expect(again.body).toContain('role="alert"');
    expect(again.body).toContain('aria-describedby="login-problem"');
    expect(again.body).toContain('value="mi&#34;nsu"');
  });

  it("tells the application when the person cancels", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback);
    const page = await flow.browser.open(flow.start);
    const back = await flow.browser.submit(page, 'data-form="cancel"', {}, { stopBefore: world.callback });
    expect(back.url.searchParams.get("error")).toBe("access_denied");
    expect(back.url.searchParams.get("iss")).toBe(world.company);
  });

  it("needs PKCE", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback);
    const url = new URL(flow.start);
    url.searchParams.delete("code_challenge");
    url.searchParams.delete("code_challenge_method");
    const back = await flow.browser.open(url.href, { stopBefore: world.callback });
    expect(back.url.searchParams.get("error")).toBe("invalid_request");
  });
});

describe("the sign-in page", () => {
  it("lists a form for every person", async () => {
    const { browser, start } = await beginFlow(world.shopAtCompany, world.callback);
    const { body } = await browser.open(start);
    for (const { sub } of await world.control.users("company")) expect(body).toContain(`data-person="${sub}"`);
    expect(body).toContain("Application shop");
  });

  it("speaks the language of ui_locales before that of the browser", async () => {
    const korean = await beginFlow(world.shopAtCompany, world.callback, { ui_locales: "fr ko" });
    expect((await korean.browser.open(korean.start)).body).toContain('<html lang="ko">');
    const browser = new Browser({ "accept-language": "ko-KR,ko;q=0.9,en;q=0.8" });
    const byHeader = await beginFlow(world.shopAtCompany, world.callback, {}, browser);
    expect((await browser.open(byHeader.start)).body).toContain('<html lang="ko">');
    const english = await beginFlow(world.shopAtCompany, world.callback, { ui_locales: "en" }, browser);
    expect((await browser.open(english.start)).body).toContain('<html lang="en">');
  });

  it("puts the person of login_hint first and fills in the login", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback, { login_hint: "minsu@company.example" });
    const { body } = await flow.browser.open(flow.start);
    expect(/data-person="([^"]+)"/.exec(body)?.[1]).toBe("minsu");
    expect(body).toContain('name="login" value="minsu"');
  });

  it("sends a policy that allows no foreign script and does not name form-action", async () => {
    const { browser, start } = await beginFlow(world.shopAtCompany, world.callback);
    const policy = (await browser.open(start)).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("form-action");
  });

  it("serves its style sheet and the people's pictures itself", async () => {
    const picture = await fetch(`${world.company}/pictures/haneul.png`);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect((await fetch(`${world.company}/style.css`)).status).toBe(200);
  });

  it("explains a page that is out of date", async () => {
    const { status, body } = await new Browser().open(`${world.company}/interaction/long-gone`);
    expect(status).toBe(400);
    expect(body).toContain("out of date");
  });
});

describe("creating an account", () => {
  it("is the first page with prompt=create, and signs the new person in", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "create" });
    const page = await flow.browser.open(flow.start);
    const back = await flow.browser.submit(
      page,
      'data-form="create"',
      { name: "새 사람", email: "new@company.example", login: "new.person", password: "secret-1" },
      { stopBefore: world.callback },
    );
    const claims = (await flow.finish(back.url)).claims();
    expect(claims).toMatchObject({ name: "새 사람", email: "new@company.example", email_verified: false });
    expect(await world.control.user("company", claims?.sub ?? "")).toMatchObject({ login: "new.person" });
  });

  it("marks every field that is wrong", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "create" });
    const page = await flow.browser.open(flow.start);
    const again = await flow.browser.submit(page, 'data-form="create"', {
      name: "",
      email: "no",
      login: "minsu",
      password: "x",
    });
    expect(again.status).toBe(400);
    for (const field of ["name", "email", "password"]) expect(again.body).toContain(`id="${field}-problem"`);
    const taken = await flow.browser.submit(again, 'data-form="create"', {
      name: "Somebody",
      email: "a@b.example",
      login: "minsu",
      password: "long-enough",
    });
    expect(taken.body).toContain("This login is already taken.");
  });
});

describe("a second sign-in in the same browser", () => {
  it("asks nothing, also for another application", async () => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const callback = `${world.blog.origin}/callback`;
    const flow = await beginFlow(world.blogAtCompany, callback, {}, browser);
    const back = await browser.open(flow.start, { stopBefore: callback });
    expect((await flow.finish(back.url)).claims()?.sub).toBe("minsu");
  });

  it("keeps the sessions of two issuers apart, although both are on localhost", async () => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const partner = await discover(world.partner, world.shop.registration);
    await signIn(partner, world.callback, "seoyeon", {}, browser);
    const flow = await beginFlow(world.shopAtCompany, world.callback, {}, browser);
    const back = await browser.open(flow.start, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).claims()?.sub).toBe("minsu");
  });

  it.each(["login", "select_account"])("asks again with prompt=%s", async (prompt) => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt }, browser);
    const page = await browser.open(flow.start, { stopBefore: world.callback });
    expect(page.body).toContain("Signed in now");
    const back = await browser.submit(page, 'data-person="minsu"', {}, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).claims()?.sub).toBe("minsu");
  });

  it("lets another person be chosen without JavaScript, and the first leaves", async () => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    await world.control.putClient("company", withoutFrontChannel(world));
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "select_account" }, browser);
    const page = await browser.open(flow.start);
    const back = await browser.submit(page, 'data-person="haneul"', {}, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).claims()?.sub).toBe("haneul");
    expect((await world.control.sessions("company")).map(({ sub }) => sub)).toEqual(["haneul"]);
    await world.control.putClient("company", world.shop.registration);
  });

  it("asks again once max_age has passed, by the issuer's clock", async () => {
    const { browser, tokens } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const first = tokens.claims()?.auth_time ?? 0;
    await world.control.setClock("company", 3_600);
    const soon = await beginFlow(world.shopAtCompany, world.callback, { max_age: "7200" }, browser);
    expect((await browser.open(soon.start, { stopBefore: world.callback })).status).toBe(0);
    const late = await beginFlow(world.shopAtCompany, world.callback, { max_age: "1800" }, browser);
    const page = await browser.open(late.start, { stopBefore: world.callback });
    expect(page.body).toContain('data-person="minsu"');
    await browser.submit(page, 'data-person="minsu"', {}, { stopBefore: world.callback });
    const [latest] = await world.control.sessions("company");
    expect(first).toBeLessThanOrEqual(latest?.authTime ?? 0);
  });

  it("asks again for a higher acr, and then grants it", async () => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const parameters = { acr_values: "urn:daemun:acr:2" };
    const flow = await beginFlow(world.shopAtCompany, world.callback, parameters, browser);
    const page = await browser.open(flow.start, { stopBefore: world.callback });
    const back = await browser.submit(page, 'data-person="minsu"', {}, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).claims()).toMatchObject({
      acr: "urn:daemun:acr:2",
      amr: ["pwd", "otp", "mfa"],
    });
    const again = await beginFlow(world.shopAtCompany, world.callback, parameters, browser);
    expect((await browser.open(again.start, { stopBefore: world.callback })).status).toBe(0);
  });

  it("answers login_required to prompt=none when nobody is signed in", async () => {
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "none" });
    const back = await flow.browser.open(flow.start, { stopBefore: world.callback });
    expect(back.url.searchParams.get("error")).toBe("login_required");
  });

  it("answers prompt=none with a code when somebody is", async () => {
    const { browser } = await signIn(world.shopAtCompany, world.callback, "minsu");
    const flow = await beginFlow(world.shopAtCompany, world.callback, { prompt: "none" }, browser);
    const back = await browser.open(flow.start, { stopBefore: world.callback });
    expect((await flow.finish(back.url)).refresh_token).toEqual(expect.any(String));
  });
});

it("names its own origin for every endpoint, however it was reached", async () => {
  const url = new URL(`${world.company}/.well-known/openid-configuration`);
  url.hostname = "127.0.0.1";
  const metadata = (await (await fetch(url)).json()) as Record<string, unknown>;
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
  expect(endpoints.length).toBeGreaterThan(6);
  for (const [, value] of endpoints) expect(value).toMatch(new RegExp(`^${world.company}/`));
});

it("accepts the client secret in the body as well as in the header", async () => {
  const { clientId, clientSecret } = world.shop.registration;
  const options = { execute: [client.allowInsecureRequests] };
  const config = await client.discovery(
    new URL(world.company),
    clientId,
    clientSecret,
    client.ClientSecretBasic(),
    options,
  );
  expect((await signIn(config, world.callback, "minsu")).tokens.claims()?.sub).toBe("minsu");
  const post = await client.discovery(
    new URL(world.company),
    clientId,
    clientSecret,
    client.ClientSecretPost(),
    options,
  );
  expect((await signIn(post, world.callback, "minsu")).tokens.claims()?.sub).toBe("minsu");
});

function withoutFrontChannel({ shop }: World) {
  const { frontchannelLogoutUri: _uri, ...registration } = shop.registration;
  return registration;
}
