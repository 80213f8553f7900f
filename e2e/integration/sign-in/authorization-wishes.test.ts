import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectNotes, startConnecting } from "../../support/connecting";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { shareTestApp, signedIn, signedInLongAgo, startSignIn, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterEach(() => app.control.clearFaults("company"));
afterAll(() => app.close());

const sent = ({ location }: Page) => Object.fromEntries(new URL(location ?? "").searchParams);

describe("FF-22: another account", () => {
  it("FF-22: is what whoever is signed in already, or was refused a page, is asked for", async () => {
    const browser = await signedIn(app);
    const refused = await browser.request(`${app.url}/admin`);
    expect(refused.status).toBe(403);
    const link = /href="([^"]+)"[^>]*>Use another account/.exec(refused.body)?.[1] ?? "";
    for (const address of ["/sign-in", link]) {
      const page = await browser.request(new URL(address, app.url).href);
      expect(sent(await browser.submit(page, 'data-provider="company"')).prompt).toBe("select_account");
    }
  });

  it("FF-22: can be asked for by whoever is not signed in, and a sign-in without that stays silent", async () => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/sign-in`);
    expect(page.body).toMatch(/<button(?=[^>]*name="prompt")(?=[^>]*value="select_account")/);
    expect(sent(await browser.submit(page, 'data-provider="company"')).prompt).toBeUndefined();
    const other = await browser.request(`${app.url}/sign-in`);
    const asked = await browser.submit(other, 'data-provider="company"', { prompt: "select_account" });
    expect(sent(asked).prompt).toBe("select_account");
  });

  it.each([
    ["names other prompts alone", { set: { prompt_values_supported: ["none", "login"] } }],
    ["names none", { remove: ["prompt_values_supported"] }],
  ])("FF-22: a provider that %s is asked for the password instead", async (_, change) => {
    await app.control.addFault("company", { endpoint: "discovery", times: null, fault: { kind: "json", ...change } });
    const started = await startSignIn(app, new HttpBrowser(), { extra: { prompt: "select_account" } });
    expect(sent(started).prompt).toBe("login");
  });

  it("FF-22: is asked for beside the operator's own consent", async () => {
    const sibling = await app.startSibling({ AUTH_COMPANY_PROMPT: "consent" });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
    const page = await browser.request(`${app.url}/sign-in`);
    const asked = await browser.submit(page, 'data-provider="company"', { prompt: "select_account" });
    expect(sent(asked).prompt).toBe("select_account consent");
  });
});

describe("a registration page", () => {
  const asPreset = async (type: string, extra: Record<string, string>) => {
    const sibling = await app.startSibling({ AUTH_COMPANY_TYPE: type });
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? sibling.url : null));
    const page = await browser.request(`${app.url}/sign-in`);
    const form = /<form data-provider="company".*?<\/form>/.exec(page.body)?.[0] ?? "";
    return { form, query: sent(await browser.submit(page, 'data-provider="company"', extra)) };
  };

  it("FF-31: Logto is asked to show it by first_screen=register, and for offline access with consent alone", async () => {
    const { form, query } = await asPreset("logto", { mode: "sign-up" });
    expect(form).toContain('value="sign-up"');
    expect(query).toMatchObject({ first_screen: "register", prompt: "consent" });
    expect(query.scope).toContain("offline_access");
    const ordinary = await asPreset("logto", {});
    expect(ordinary.query).toMatchObject({ prompt: "consent" });
    expect(ordinary.query).not.toHaveProperty("first_screen");
  });

  it("is not offered where the preset knows of none, whatever metadata names", async () => {
    const { form, query } = await asPreset("line", { mode: "sign-up" });
    expect(form).not.toContain('value="sign-up"');
    expect(query.prompt).toBeUndefined();
  });
});

describe("FF-20: what a provider is told of a user", () => {
  it("FF-20: a confirmation names who has to come back", async () => {
    for (const user of ["minsu", "haneul"]) {
      const browser = await signedInLongAgo(app, user);
      const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
      const form = { csrfToken, which: "others" };
      const asked = await browser.request(`${app.url}/api/account/sessions/end`, { method: "POST", form });
      expect(sent(asked)).toMatchObject({ max_age: "600", login_hint: `${user}@company.example` });
    }
  });

  it("FF-20: the language that was chosen here goes along, to sign in, to confirm, to connect and to sign out", async () => {
    const browser = await signedInLongAgo(app, "minsu");
    await browser.request(`${app.url}/api/locale`, { method: "POST", form: { locale: "ko", returnTo: "/" } });
    const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
    const post = (path: string, fields: Record<string, string>) =>
      browser.request(app.url + path, { method: "POST", form: { csrfToken, ...fields } });
    expect(sent(await post("/api/account/sessions/end", { which: "others" })).ui_locales).toBe("ko");
    expect(sent(await post("/api/auth/signin/company", {})).ui_locales).toBe("ko");
    expect(sent(await post("/api/auth/signin/company", { ui_locales: "en" })).ui_locales).toBe("en");
    expect(sent(await post("/api/auth/signout", { scope: "provider" })).ui_locales).toBe("ko");
    const recent = await signedIn(app, { user: "jiwoo" });
    await recent.request(`${app.url}/api/locale`, { method: "POST", form: { locale: "ko", returnTo: "/" } });
    expect(sent(await startConnecting(app, recent)).ui_locales).toBe("ko");
  });

  it("FF-20: of nobody who chose none is a language made up", async () => {
    expect(sent(await startSignIn(app, new HttpBrowser())).ui_locales).toBeUndefined();
    const browser = new HttpBrowser();
    browser.setCookie(app.url, "daemun.locale", "xx");
    expect(sent(await startSignIn(app, browser)).ui_locales).toBeUndefined();
  });
});

it("FF-20: connecting works in the language that was chosen", async () => {
  const browser = await signedIn(app);
  browser.setCookie(app.url, "daemun.locale", "ko");
  await connectNotes(app, browser);
});
