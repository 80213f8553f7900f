import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput } from "../../../dev/provider/control-client";
import type { RunningApp } from "../../../dev/run/app";
import { expectLogged } from "../../support/expectations";
import { signedIn, type TestApp } from "../../support/test-app";
import { clearSpoils, expireTokens, openTokenApp, probe, refreshes, shopping } from "../../support/token-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  ({ app, sibling } = await openTokenApp());
}, 240_000);
afterEach(async () => {
  await clearSpoils(app);
  await app.control.resetUsers("company");
  await app.rows(`TRUNCATE "Session" CASCADE`);
});
afterAll(() => app?.close());

/** Those of the only session that is there. */
async function roles(): Promise<string[] | undefined> {
  const [row] = await app.rows<{ roles: string[] }>(`SELECT roles FROM "Session"`);
  return row?.roles;
}

/** Somebody whose roles only userinfo says; all of their tokens are over. */
async function signedInByUserInfo() {
  const fault = { kind: "id_token", removeClaims: ["roles"] } satisfies FaultRuleInput["fault"];
  await app.control.addFault("company", { endpoint: "token", times: null, fault });
  const browser = await signedIn(app, { user: "haneul" });
  expect(await roles()).toEqual(["admin"]);
  await expireTokens(app);
  await app.control.clearJournal("company");
  return browser;
}

it.each([
  ["userinfo", {}],
  ["an API", { resource: shopping }],
  ["an organization", { organization: "org_hanok" }],
])(
  "FF-17: a role that came from userinfo goes with the next refresh for %s, and comes back with another",
  async (_, target) => {
    const browser = await signedInByUserInfo();
    await app.control.changeUser("company", "haneul", { roles: [] });
    expect((await probe(app.url, browser, target)).status).toBe(200);
    expect(await roles()).toEqual([]);
    await app.control.changeUser("company", "haneul", { roles: ["support", "admin"] });
    await expireTokens(app);
    expect((await probe(sibling.url, browser, target)).status).toBe(200);
    expect(await roles()).toEqual(["support", "admin"]);
    expect(await app.control.counters("company")).toMatchObject({ reuseAlarms: 0 });
  },
);

it.each([
  ["is down", { kind: "respond", status: 503, json: {} }],
  ["refuses the token", { kind: "respond", status: 401, json: {} }],
  ["speaks of somebody else", { kind: "userinfo", setClaims: { sub: "minsu" } }],
  ["says nothing of the user", { kind: "userinfo", removeClaims: everyClaim() }],
] satisfies [string, FaultRuleInput["fault"]][])(
  "FF-17: while userinfo %s, the roles stay, and so does the token",
  async (_, fault) => {
    const browser = await signedInByUserInfo();
    await app.control.changeUser("company", "haneul", { roles: [] });
    await app.control.addFault("company", { endpoint: "userinfo", times: null, fault });
    expect((await probe(app.url, browser)).status).toBe(200);
    expect(await roles()).toEqual(["admin"]);
    if (fault.kind === "respond") await expectLogged(app.instance, "session.roles_not_renewed");
  },
);

it("FF-17: roles that the ID token said cost no question", async () => {
  const browser = await signedIn(app, { user: "haneul" });
  await expireTokens(app);
  await app.control.clearJournal("company");
  expect((await probe(app.url, browser, { resource: shopping })).status).toBe(200);
  expect([await refreshes(app), await app.control.journal("company", { endpoint: "userinfo" })]).toMatchObject([
    { length: 1 },
    [],
  ]);
});

function everyClaim(): string[] {
  return (
    "name username picture created_at updated_at family_name given_name middle_name nickname preferred_username profile " +
    "website gender birthdate zoneinfo locale email email_verified phone_number phone_number_verified address custom_data " +
    "identities sso_identities roles organizations organization_data organization_roles"
  ).split(" ");
}
