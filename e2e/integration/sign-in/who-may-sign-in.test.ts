import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { lastAudit } from "../../support/expectations";
import type { Page } from "../../support/http-browser";
import { type OtherProviders, openOtherProviders } from "../../support/other-providers";
import { signIn, type TestApp } from "../../support/test-app";

let others: OtherProviders;
let app: TestApp;
beforeAll(async () => {
  others = await openOtherProviders();
  ({ app } = others);
}, 120_000);
afterEach(async () => {
  await app.control.clearFaults("company");
  await app.control.resetUsers("company");
  await app.rows(`TRUNCATE "User" CASCADE`);
});
afterAll(() => app?.close());

const code = (page: Page) => new URL(page.location ?? "").searchParams.get("code");

/** Nothing of the sign-in is left, here and there. */
async function expectNothingWritten(before = 0) {
  const written = await app.rows(
    `SELECT (SELECT count(*)::int FROM "User") users, (SELECT count(*)::int FROM "Account") accounts,
            (SELECT count(*)::int FROM "Session") sessions, (SELECT count(*)::int FROM "Grant") grants`,
  );
  expect(written).toEqual([{ users: before, accounts: before, sessions: before, grants: before }]);
  await expect.poll(async () => (await app.control.journal("company", { endpoint: "revocation" })).length).toBe(1);
  await app.control.clearJournal("company");
}

async function refused(provider: string, user: string): Promise<Page> {
  await app.control.clearJournal("company");
  const browser = others.openBrowser();
  const answered = await signIn(app, browser, { provider, user });
  expect(browser.cookieNames(app.url).filter((name) => /^daemun\.(?:session|tx)/.test(name))).toEqual([]);
  const page = await browser.request(answered.location ?? "");
  expect([code(answered), page.status]).toEqual(["sign_in_not_allowed", 403]);
  return page;
}

it("whoever fulfils every rule of their provider comes in", async () => {
  expect((await signIn(app, others.openBrowser(), { provider: "staff", user: "haneul" })).location).toBe(
    `${app.url}/account`,
  );
});

it.each([
  ["has an address that is not verified", { emailVerified: false }, "emailDomains"],
  ["has an address of another domain", { email: "haneul@company.example.evil" }, "emailDomains"],
  ["has none of the roles", { roles: ["guest"] }, "roles"],
])("whoever %s is told so, and shown the way to another account; nothing is written", async (_, change, rule) => {
  await app.control.changeUser("company", "haneul", change);
  const page = await refused("staff", "haneul");
  expect(page.body).toContain('href="/sign-in?account=other"');
  await expectNothingWritten();
  expect(await lastAudit(app, "sign_in.not_allowed")).toMatchObject({
    reason: "sign_in_not_allowed",
    provider: "staff",
    detail: { cause: rule },
  });
});

it("where nobody new may come in, whoever has an account still does", async () => {
  await refused("closed", "minsu");
  await expectNothingWritten();
  expect(await lastAudit(app, "sign_in.not_allowed")).toMatchObject({ detail: { cause: "newUsers" } });
  const [{ id }] = (await app.rows<{ id: string }>(
    `INSERT INTO "User" (id, "updatedAt") VALUES (gen_random_uuid(), now()) RETURNING id`,
  )) as [{ id: string }];
  await app.rows(
    `INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", issuer)
     VALUES (gen_random_uuid(), $1, 'oidc', 'closed', 'minsu', $2)`,
    [id, app.issuers.company],
  );
  expect((await signIn(app, others.openBrowser(), { provider: "closed", user: "minsu" })).location).toBe(
    `${app.url}/account`,
  );
});

const hook = (what: string) =>
  app.control.addFault("company", {
    endpoint: "token",
    fault: { kind: "id_token", setClaims: { "urn:test:hook": what } },
  });

it("an app's own hook refuses with a reason that the log alone hears", async () => {
  await hook("refuse");
  const page = await refused("company", "minsu");
  expect(page.body).not.toContain("company new true");
  await expectNothingWritten();
  expect(await lastAudit(app, "sign_in.not_allowed")).toMatchObject({ detail: { cause: "onSignIn" } });
  await expect.poll(others.output).toContain('"reason":"company new true"');
});

it("an app's own hook knows whom it has let in before", async () => {
  await signIn(app, others.openBrowser(), { provider: "company", user: "minsu" });
  await hook("refuse");
  await refused("company", "minsu");
  await expect.poll(others.output).toContain('"reason":"company known true"');
});

it.each([
  ["throws", "throw", "This hook is broken."],
  ["never answers", "hang", "onSignIn did not answer in time."],
  ["answers neither nothing nor a refusal", "nonsense", "onSignIn answered neither"],
])("a hook that %s lets nobody in, and the log says why", async (_, what, told) => {
  await app.control.clearJournal("company");
  await hook(what);
  const answered = await signIn(app, others.openBrowser(), { provider: "company", user: "minsu" });
  expect(code(answered)).toBe("internal_error");
  await expectNothingWritten();
  await expect.poll(others.output).toContain(told);
});
