import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  type KeycloakApp,
  meetKeycloak,
  openKeycloakApp,
  otherClient,
  otherRequest,
  password,
  signedInAtKeycloak,
  submitThere,
  userNamed,
} from "../../support/field/keycloak-app";
import { HttpBrowser } from "../../support/http-browser";
import { startSignIn, whoIs } from "../../support/test-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("signing in at a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "sign-in"));
  });
  afterAll(() => app?.close());

  const isAway = (url: string) => !url.startsWith(app.url);

  it("a user of Keycloak signs in, with name, verified address and a refresh token", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    const { id } = await realm.user("haneul");
    expect(await whoIs(app, browser)).toMatchObject({
      sub: id,
      provider: "keycloak",
      user: { name: "haneul Kim", email: "haneul@company.example" },
    });
    const [grant] = await app.rows(`SELECT "sealedRefreshToken" IS NOT NULL "isRefreshable", scope FROM "Grant"`);
    expect(grant).toEqual({ isRefreshable: true, scope: expect.not.stringContaining("offline_access") });
  });

  it("whoever is signed in at another client is asked nothing here, and the other way round", async () => {
    const browser = new HttpBrowser();
    const shown = await browser.visit(otherRequest(realm));
    const back = await submitThere(app, browser, shown, "kc-form-login", { username: "minsu", password });
    expect(back.location).toContain(`${otherClient.redirectUri}?`);
    const started = await startSignIn(app, browser, { provider: "keycloak" });
    const passed = await browser.visit(started.location ?? "", {}, isAway);
    expect(passed.location).toContain(`${app.url}/api/auth/callback/keycloak?`);
    await browser.request(passed.location ?? "");
    expect(await whoIs(app, browser)).toMatchObject({ user: { email: "minsu@company.example" } });

    const second = await signedInAtKeycloak(app, "haneul");
    expect((await second.request(otherRequest(realm, { prompt: "none" }))).location).toContain("code=");
  });

  it("a new user opens an account there, and is signed in", async () => {
    const browser = new HttpBrowser();
    const started = await startSignIn(app, browser, { provider: "keycloak", extra: { mode: "sign-up" } });
    expect(new URL(started.location ?? "").searchParams.get("prompt")).toBe("create");
    const form = await browser.visit(started.location ?? "");
    const email = "seoyeon@company.example";
    const fields = { username: "seoyeon", email, firstName: "Seoyeon", lastName: "Choi" };
    const passwords = { password, "password-confirm": password };
    const back = await submitThere(app, browser, form, "kc-register-form", { ...fields, ...passwords });
    await browser.request(back.location ?? "");
    // Nobody has looked at that address yet.
    expect(await whoIs(app, browser)).toMatchObject({ user: { name: "Seoyeon Choi", email: null } });
    expect(await realm.events("REGISTER")).toMatchObject([{ clientId: "daemun" }]);
  });

  it("a wrong password stays at Keycloak, and the right one goes on from there", async () => {
    const browser = new HttpBrowser();
    const started = await startSignIn(app, browser, { provider: "keycloak" });
    const form = await browser.visit(started.location ?? "");
    const refused = await submitThere(app, browser, form, "kc-form-login", { username: "minsu", password: "guessed" });
    expect([refused.status, refused.location]).toEqual([200, null]);
    const back = await submitThere(app, browser, refused, "kc-form-login", { username: "minsu", password });
    await browser.request(back.location ?? "");
    expect(await whoIs(app, browser)).toMatchObject({ user: { email: "minsu@company.example" } });
  });

  it("what wants a recent sign-in passes by Keycloak's own where that is recent, and asks for the password where it is not", async () => {
    const signInLongAgo = async () => {
      const browser = await signedInAtKeycloak(app, "haneul");
      await app.rows(
        `UPDATE "Session" SET "authTime" = now() - interval '1 hour',
           claims = jsonb_set(claims, '{auth_time}', to_jsonb(extract(epoch FROM now())::int - 3600)) WHERE "endedAt" IS NULL`,
      );
      const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
      const form = { csrfToken, scope: "everywhere" };
      const asked = await browser.request(`${app.url}/api/auth/signout`, { method: "POST", form });
      const location = new URL(asked.location ?? "");
      expect(location.searchParams.get("max_age")).toBe("600");
      return { browser, location };
    };
    const recent = await signInLongAgo();
    const passed = await recent.browser.visit(recent.location.href, {}, isAway);
    await recent.browser.request(passed.location ?? "");
    expect(await whoIs(app, recent.browser)).toBeNull();

    // Keycloak's session cannot be made older; that it is too old for this request comes to the same.
    const old = await signInLongAgo();
    old.location.searchParams.set("max_age", "0");
    let form = await old.browser.visit(old.location.href, {}, isAway);
    // Keycloak counts in whole seconds.
    await expect
      .poll(async () => {
        form = await old.browser.visit(old.location.href, {}, isAway);
        return form.body.includes("kc-form-login");
      })
      .toBe(true);
    expect(await whoIs(app, old.browser)).not.toBeNull();
    const back = await submitThere(app, old.browser, form, "kc-form-login", { username: "haneul", password });
    await old.browser.request(back.location ?? "");
    expect(await whoIs(app, old.browser)).toBeNull();
  });

  it("a user who is disabled at Keycloak does not get in", async () => {
    await realm.addUser({ ...userNamed("eunji"), enabled: false });
    const browser = new HttpBrowser();
    const started = await startSignIn(app, browser, { provider: "keycloak" });
    const refused = await meetKeycloak(app, browser, started, "eunji");
    expect([refused.status, refused.location]).toEqual([200, null]);
    expect(await whoIs(app, browser)).toBeNull();
  });
});
