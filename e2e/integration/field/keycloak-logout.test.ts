import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import {
  clientFor,
  type KeycloakApp,
  openKeycloakApp,
  otherRequest,
  signedInAtKeycloak,
  submitThere,
} from "../../support/field/keycloak-app";
import { refreshNow } from "../../support/field/refresh-now";
import type { HttpBrowser } from "../../support/http-browser";
import { startSignIn, whoIs } from "../../support/test-app";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("signing out at a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "logout"));
  });
  afterEach(async () => {
    const { attributes, frontchannelLogout } = clientFor(app.url);
    await realm.changeClient("daemun", { attributes, frontchannelLogout });
  });
  afterAll(() => app?.close());

  const isAway = (url: string) => !url.startsWith(app.url);
  const isIn = async (browser: HttpBrowser) => (await whoIs(app, browser)) !== null;
  /** Whether Keycloak would let this browser in without a question. */
  const isInThere = async (browser: HttpBrowser) => {
    const { location } = await browser.request(otherRequest(realm, { prompt: "none" }));
    return new URL(location ?? "").searchParams.has("code");
  };
  /** The other client signs the user out at Keycloak, without a hint whom it means: Keycloak asks. */
  const signOutAtOther = async (browser: HttpBrowser) => {
    const asked = await browser.visit(`${realm.issuer}/protocol/openid-connect/logout?client_id=other`);
    return submitThere(app, browser, asked, 'class="form-actions"', {});
  };

  it("signing out at the provider too ends Keycloak's session without a question, and comes back", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    expect([await isInThere(browser), (await realm.sessionsOf("haneul")).length]).toEqual([true, 1]);
    const answered = await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="provider"');
    expect(answered.location).toContain(`${realm.issuer}/protocol/openid-connect/logout?`);
    const back = await browser.visit(answered.location ?? "", {}, isAway);
    expect(back.location).toContain(`${app.url}/signed-out?state=`);
    expect((await browser.visit(back.location ?? "")).status).toBe(200);
    expect(await Promise.all([isIn(browser), isInThere(browser)])).toEqual([false, false]);
    expect(await realm.sessionsOf("haneul")).toEqual([]);
  });

  it("signing out on this device alone leaves Keycloak's session to the other client that has it", async () => {
    const browser = await signedInAtKeycloak(app, "haneul");
    expect(await isInThere(browser)).toBe(true);
    await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="device"');
    expect(await Promise.all([isIn(browser), isInThere(browser)])).toEqual([false, true]);
  });

  it("whoever signs out at another client is signed out here, by back channel", async () => {
    const [browser, elsewhere] = [await signedInAtKeycloak(app, "minsu"), await signedInAtKeycloak(app, "minsu")];
    await isInThere(browser);
    await signOutAtOther(browser);
    expect(await Promise.all([isIn(browser), isIn(elsewhere)])).toEqual([false, true]);
    expect(await lastAudit(app, "sign_out.backchannel")).toMatchObject({
      outcome: "success",
      detail: { by: "sid", count: 1 },
    });
  });

  it("an administrator ends one of Keycloak's sessions: that one is over here, and the user's other goes on", async () => {
    await realm.signOutUser("minsu");
    const ended = await signedInAtKeycloak(app, "minsu");
    const [session] = await realm.sessionsOf("minsu");
    const other = await signedInAtKeycloak(app, "minsu");
    await realm.endSession(session?.id ?? "");
    expect(await Promise.all([isIn(ended), isIn(other)])).toEqual([false, true]);
  });

  it("an administrator ends all of a user's sessions: all of theirs are over here, and nobody else's", async () => {
    const ended = [await signedInAtKeycloak(app, "minsu"), await signedInAtKeycloak(app, "minsu")];
    const other = await signedInAtKeycloak(app, "haneul");
    await realm.signOutUser("minsu");
    expect(await Promise.all([...ended, other].map(isIn))).toEqual([false, false, true]);
    const rows = await app.rows(
      `SELECT DISTINCT "endReason" FROM "Session" s JOIN "User" u ON u.id = s."userId"
       WHERE u.email = 'minsu@company.example' AND "endedAt" > now() - interval '1 minute'`,
    );
    expect(rows).toEqual([{ endReason: "signed_out_by_provider" }]);
    // What Keycloak has ended is not opened again by what is left there: it asks for the password.
    const started = await startSignIn(app, ended[0] as HttpBrowser, { provider: "keycloak" });
    expect((await (ended[0] as HttpBrowser).visit(started.location ?? "", {}, isAway)).body).toContain("kc-form-login");
  });

  it("a client whose logout tokens name the user alone: one sign-out at another client ends all of theirs", async () => {
    const { attributes } = clientFor(app.url);
    const told = { ...attributes, "backchannel.logout.session.required": "false" };
    await realm.changeClient("daemun", { attributes: told });
    const browsers = [await signedInAtKeycloak(app, "haneul"), await signedInAtKeycloak(app, "haneul")];
    const other = await signedInAtKeycloak(app, "minsu");
    await isInThere(browsers[0] as HttpBrowser);
    await signOutAtOther(browsers[0] as HttpBrowser);
    expect(await lastAudit(app, "sign_out.backchannel")).toMatchObject({ detail: { by: "sub" } });
    expect(await Promise.all([...browsers, other].map(isIn))).toEqual([false, false, true]);
  });

  it("a client as the console makes it, with front-channel logout: the page that Keycloak shows ends the session here", async () => {
    const { attributes } = clientFor(app.url);
    const frontchannel = `${app.url}/api/oidc/keycloak/frontchannel-logout`;
    await realm.changeClient("daemun", {
      frontchannelLogout: true,
      attributes: {
        ...attributes,
        "frontchannel.logout.url": frontchannel,
        "frontchannel.logout.session.required": "true",
      },
    });
    const browser = await signedInAtKeycloak(app, "haneul");
    await isInThere(browser);
    const page = await signOutAtOther(browser);
    const [, source = ""] = /<iframe[^>]*\bsrc="([^"]*frontchannel-logout[^"]*)"/.exec(page.body) ?? [];
    const framed = { "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site" };
    expect((await browser.request(source.replaceAll("&amp;", "&"), { headers: framed })).status).toBe(200);
    expect(await isIn(browser)).toBe(false);
  });

  it("a client as the console makes it, and an administrator: nothing comes, and the next refresh is refused and ends the session", async () => {
    await realm.changeClient("daemun", { frontchannelLogout: true });
    const browser = await signedInAtKeycloak(app, "minsu");
    await realm.signOutUser("minsu");
    expect(await isIn(browser)).toBe(true);
    expect(await refreshNow(app, browser)).toEqual([401, "reauthentication_required"]);
    expect(await isIn(browser)).toBe(false);
  });
});
