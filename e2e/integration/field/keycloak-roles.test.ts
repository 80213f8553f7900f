import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { type KeycloakApp, openKeycloakApp, signedInAtKeycloak, userNamed } from "../../support/field/keycloak-app";
import { refreshNow } from "../../support/field/refresh-now";
import type { HttpBrowser } from "../../support/http-browser";

const { keycloak } = inject("field");

describe.skipIf(!keycloak)("roles of a Keycloak (needs java, mvn and Maven Central)", () => {
  let { app, realm }: KeycloakApp = {} as KeycloakApp;
  let sibling: RunningApp;
  beforeAll(async () => {
    ({ app, realm } = await openKeycloakApp(keycloak ?? "", "roles"));
    sibling = await app.startSibling();
    // As Keycloak comes, roles are in access tokens alone, which are no business of a client's.
    await realm.changeMappers("roles", { "id.token.claim": "true" });
  });
  afterAll(() => app?.close());

  /**
   * Whether the session's row lets this browser where the role `admin` is asked for: to a route of a service. With the role
   * it is asked for an organization, which it does not name.
   */
  const mayPass = async (browser: HttpBrowser, base = app.url) => {
    const headers = { "X-CSRF": "1", Origin: app.url };
    const { status, body } = await browser.fetch(`${base}/api/services/store/inventory`, { method: "POST", headers });
    const { error } = JSON.parse(body);
    expect([`403 forbidden`, `400 unknown_organization`]).toContain(`${status} ${error}`);
    return error !== "forbidden";
  };
  /** Whether the gate lets this browser to pages of that role. */
  const passesGate = async (browser: HttpBrowser) => {
    const { status } = await browser.request(`${app.url}/admin`);
    expect([403, 200]).toContain(status);
    return status === 200;
  };

  it.each([
    ["realm", undefined],
    ["client", "daemun"],
  ])(
    "a %s role opens its pages, is gone with the next refresh, and back with the one after",
    async (kind, clientId) => {
      const username = `user-${kind}`;
      await realm.addUser(userNamed(username));
      await realm.giveRole(username, "admin", clientId);
      const browser = await signedInAtKeycloak(app, username);
      expect(await Promise.all([mayPass(browser), mayPass(browser, sibling.url)])).toEqual([true, true]);
      await realm.takeRole(username, "admin", clientId);
      expect(await refreshNow(app, browser)).toEqual([200]);
      expect(await Promise.all([mayPass(browser), mayPass(browser, sibling.url)])).toEqual([false, false]);
      await realm.giveRole(username, "admin", clientId);
      expect(await refreshNow(app, browser, { base: sibling.url })).toEqual([200]);
      expect(await Promise.all([mayPass(browser), mayPass(browser, sibling.url)])).toEqual([true, true]);
    },
  );

  it("a role of another client's opens nothing here", async () => {
    await realm.addRole("admin", "other");
    await realm.addUser(userNamed("user-elsewhere"));
    await realm.giveRole("user-elsewhere", "admin", "other");
    const browser = await signedInAtKeycloak(app, "user-elsewhere");
    expect([await passesGate(browser), await mayPass(browser)]).toEqual([false, false]);
  });

  it("the role of an active user who asks for no token is looked at again by itself, and goes", async () => {
    await realm.addUser(userNamed("user-recheck"));
    await realm.giveRole("user-recheck", "admin");
    const browser = await signedInAtKeycloak(app, "user-recheck");
    expect(await mayPass(browser)).toBe(true);
    await realm.takeRole("user-recheck", "admin");
    // A quarter of an hour later.
    await app.rows(`UPDATE "Session" SET "createdAt" = "createdAt" - interval '1 hour'`);
    await app.rows(`UPDATE "Grant" SET "updatedAt" = "updatedAt" - interval '1 hour'`);
    await expect.poll(() => mayPass(browser)).toBe(false);
  });

  const organizationsOfNewest = async () => {
    const [row] = await app.rows<{ organizations: string[] | null }>(
      `SELECT claims->'organizations' organizations FROM "Session" ORDER BY "createdAt" DESC LIMIT 1`,
    );
    return row?.organizations?.toSorted() ?? [];
  };

  it("organizations that a user belongs to are known here, and one that was left is forgotten with the next refresh", async () => {
    await realm.addUser(userNamed("user-of-two"));
    for (const alias of ["hanok", "maru"]) await realm.addOrganization(alias, ["user-of-two"]);
    const browser = await signedInAtKeycloak(app, "user-of-two");
    expect(await organizationsOfNewest()).toEqual(["hanok", "maru"]);
    await realm.removeMember("hanok", "user-of-two");
    expect(await refreshNow(app, browser)).toEqual([200]);
    expect(await organizationsOfNewest()).toEqual(["maru"]);
  });

  it("whoever leaves the one organization that they signed in for is asked to sign in again, and belongs to none", async () => {
    await realm.addUser(userNamed("user-of-one"));
    await realm.addOrganization("dari", ["user-of-one"]);
    const browser = await signedInAtKeycloak(app, "user-of-one");
    expect(await organizationsOfNewest()).toEqual(["dari"]);
    await realm.removeMember("dari", "user-of-one");
    // Keycloak refuses the refresh of a session that was opened for an organization.
    expect(await refreshNow(app, browser)).toEqual([401, "reauthentication_required"]);
    await signedInAtKeycloak(app, "user-of-one");
    expect(await organizationsOfNewest()).toEqual([]);
  });
});
