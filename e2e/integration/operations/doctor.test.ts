import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../../dev/process/ports";
import { amiss, askDoctor, runDoctor } from "../../support/doctor";
import { HttpBrowser } from "../../support/http-browser";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let closedPort: number;
beforeAll(async () => {
  [app, closedPort] = await Promise.all([openTestApp(), findFreePort()]);
});
afterAll(() => app?.close());

const everyRedirectUri = [
  "redirectUriRefused:company",
  "redirectUriRefused:partner",
  "redirectUriRefused:service:notes",
];

it("a good set-up has no fault, and the command ends well", async () => {
  const { report, exitCode } = await askDoctor(app.environment);
  expect(amiss(report)).toEqual([]);
  expect(exitCode).toBe(0);
  const checks = new Set(report.findings.map(({ check }) => check));
  for (const check of ["environment.secrets", "database.migrations", "provider.client", "service.refuses"])
    expect(checks).toContain(check);
});

type Environment = Record<string, string | undefined>;

describe("a broken set-up: each fault is found, and no other", () => {
  const broken: [what: string, env: (own: Record<string, string>) => Environment, found: string[]][] = [
    ["a wrong client secret", () => ({ AUTH_COMPANY_SECRET: "another-secret" }), ["clientRefused:company"]],
    [
      "an unknown client id",
      () => ({ AUTH_PARTNER_ID: "nobody" }),
      ["clientRefused:partner", "redirectUriRefused:partner"],
    ],
    ["a service's wrong client secret", () => ({ SERVICE_NOTES_SECRET: "another" }), ["clientRefused:service:notes"]],
    [
      "an issuer with a slash too many",
      ({ AUTH_PARTNER_ISSUER }) => ({ AUTH_PARTNER_ISSUER: `${AUTH_PARTNER_ISSUER}/` }),
      ["issuerOther:partner"],
    ],
    [
      "a provider that is not there",
      () => ({ AUTH_PARTNER_ISSUER: `http://localhost:${closedPort}` }),
      ["providerAway:partner"],
    ],
    ["scopes that bring no refresh token", () => ({ AUTH_PARTNER_SCOPE: "openid" }), ["refreshTokenUnlikely:partner"]],
    [
      "an algorithm that the provider does not sign by",
      () => ({ AUTH_PARTNER_ID_TOKEN_ALG: "ES512" }),
      ["providerUnsupported:partner"],
    ],
    ["another address of the app", () => ({ AUTH_URL: "http://localhost:3" }), everyRedirectUri],
    [
      "an app behind https, without a word of what is in front",
      () => ({ AUTH_URL: "https://app.test" }),
      ["limitsUncounted", ...everyRedirectUri],
    ],
    [
      "a provider that nothing says to trust",
      (own) => ({
        AUTH_PROVIDERS: "company,untold",
        ...Object.fromEntries(
          ["ID", "SECRET", "ISSUER"].map((name) => [`AUTH_UNTOLD_${name}`, own[`AUTH_PARTNER_${name}`]]),
        ),
      }),
      ["addressesNotTrusted:untold", "redirectUriRefused:untold", "rolesNotTrusted:untold"],
    ],
    [
      "a service that is not there",
      () => ({ SERVICE_SHOPPING_URL: `http://localhost:${closedPort}` }),
      ["serviceAway:shopping"],
    ],
    [
      "a database that is not there",
      () => ({ DATABASE_URL: `postgresql://u:p@127.0.0.1:${closedPort}/x` }),
      ["databaseAway"],
    ],
    [
      "a database of another name",
      ({ DATABASE_URL = "" }) => ({ DATABASE_URL: DATABASE_URL.replace(/\/\w+(?=\?|$)/, "/nothing_of_that_name") }),
      ["databaseAbsent"],
    ],
    [
      "a wrong password of the database",
      ({ DATABASE_URL = "" }) => ({ DATABASE_URL: DATABASE_URL.replace(/(?<=\/\/\w+:)[^@]+/, "another") }),
      ["databaseRefused"],
    ],
    [
      "a Keycloak that has told of no sign-out",
      () => ({ AUTH_PARTNER_TYPE: "keycloak" }),
      ["keycloakFrontChannel:partner"],
    ],
    ["a secret made of words", () => ({ AUTH_SECRET: "password".repeat(4) }), ["secretWeak"]],
    ["one secret for two purposes", ({ AUTH_SECRET }) => ({ CRON_SECRET: AUTH_SECRET }), ["secretRepeated"]],
    ["a variable by another name, beside ours", () => ({ AUTH_COMPANY_CLIENT_ID: "x" }), ["variableMisspelt"]],
    ["a variable that nobody reads", () => ({ AUTH_TRUST_HOST: "true" }), ["variableUnknown"]],
    [
      "AUTH_TENANT_ID, which names no provider",
      () => ({ AUTH_PROVIDERS: undefined, AUTH_TENANT_ID: "8f1c" }),
      ["variableWrong"],
    ],
    [
      "two variables that are wrong",
      () => ({ AUTH_SECRET: "short", VAULT_KEYS: "k1:short" }),
      ["variableWrong", "variableWrong"],
    ],
    ["deadlines that contradict each other", () => ({ SESSION_ABSOLUTE_SECONDS: "60" }), ["configurationWrong"]],
  ];

  it.each(broken)("%s", async (_, change, expected) => {
    const { report, exitCode, output } = await askDoctor({ ...app.environment, ...change(app.environment) });
    expect(amiss(report)).toEqual(expected);
    expect(exitCode).toBe(report.verdict === "fault" ? 1 : 0);
    for (const { cure, verdict } of report.findings) expect(cure === null).toBe(verdict === "ok");
    for (const name of ["AUTH_SECRET", "VAULT_KEYS", "AUTH_COMPANY_SECRET"])
      expect(output).not.toContain(app.environment[name]?.split(":").at(-1));
  });
});

describe("a database that is not as it should be: what is missing is found, and nothing else", () => {
  const found = async (env: Environment = {}) => amiss((await askDoctor({ ...app.environment, ...env })).report);

  it("a migration that was not applied, or changed", async () => {
    const [last] = await app.rows<{ id: string; checksum: string }>(
      "SELECT id, checksum FROM _prisma_migrations ORDER BY migration_name DESC LIMIT 1",
    );
    await app.rows("UPDATE _prisma_migrations SET checksum = 'x' WHERE id = $1", [last?.id]);
    expect(await found()).toEqual(["migrationChanged"]);
    await app.rows("UPDATE _prisma_migrations SET checksum = $2, rolled_back_at = now() WHERE id = $1", [
      last?.id,
      last?.checksum,
    ]);
    expect(await found()).toEqual(["migrationsMissing"]);
    await app.rows("UPDATE _prisma_migrations SET rolled_back_at = NULL WHERE id = $1", [last?.id]);
  });

  it("an index that is gone", async () => {
    await app.rows('DROP INDEX "Grant_issuer_subject_idx"');
    expect(await found()).toEqual(["indexesMissing"]);
    await app.rows('CREATE INDEX "Grant_issuer_subject_idx" ON "Grant" ("issuer", "subject")');
  });

  it("a clean-up that has stopped, and one that does not get done: when it last ran is said, and who did it", async () => {
    const told = async () =>
      (await askDoctor(app.environment)).report.findings.filter(({ code }) => /^cleanUp/.test(code));
    await app.rows(`DELETE FROM "CleanUp"`);
    expect(await told()).toMatchObject([{ code: "cleanUpNotYet" }]);
    await app.rows(`INSERT INTO "CleanUp" VALUES ('command', '2001-02-03 04:05:06Z', true)`);
    expect(await told()).toMatchObject([
      { code: "cleanUpOverdue", said: expect.stringContaining("2001-02-03 04:05 UTC") },
    ]);
    await app.rows(`INSERT INTO "CleanUp" VALUES ('schedule', now(), false)`);
    const [{ code, said } = { code: "", said: "" }] = await told();
    expect([code, said]).toEqual(["cleanUpRuns", expect.stringContaining("a scheduler that called /api/cron/sweep")]);
    await app.rows(`INSERT INTO "SpentState" ("stateHash", "expiresAt") VALUES ('old', now() - interval '9 days')`);
    expect(await told()).toMatchObject([{ code: "cleanUpBehind", said: expect.stringContaining("9 days") }]);
    await app.rows(`DELETE FROM "CleanUp"`);
    expect(await told()).toMatchObject([{ code: "cleanUpOverdue", said: expect.stringContaining("at least 9 days") }]);
    await app.rows(`DELETE FROM "SpentState"`);
  });

  it("a clock that is not this machine's", async () => {
    const code = "const now = Date.now; Date.now = () => now() + 20_000";
    const moved = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` };
    expect(await found(moved)).toEqual(["databaseClockOff"]);
  });

  it("rows that cannot be read take nothing of the rest away", async () => {
    await app.rows('ALTER TABLE "Revocation" RENAME TO "Elsewhere"');
    const { report } = await askDoctor(app.environment);
    await app.rows('ALTER TABLE "Elsewhere" RENAME TO "Revocation"');
    expect(amiss(report)).toEqual(["cleanUpUntold", "keysUntold"]);
    expect(report.findings.map(({ code }) => code)).toContain("indexesThere");
  });

  it("tokens under a key that is gone or a former one, and a key that is old", async () => {
    await signedIn(app);
    const other = `other:${randomBytes(32).toString("base64")}`;
    expect(await found({ VAULT_KEYS: other })).toEqual(["keyMissing"]);
    expect(await found({ VAULT_KEYS: `${other},${app.environment.VAULT_KEYS}` })).toEqual(["keyFormer"]);
    await app.rows(`UPDATE "Grant" SET "sealedProofKey" = 'v2.gone.x'`);
    expect(await found()).toEqual(["keyMissing"]);
    await app.rows(`UPDATE "Grant" SET "sealedProofKey" = NULL`);
    await app.rows(`UPDATE "AuditEvent" SET at = now() - interval '370 days'`);
    expect(await found()).toEqual(["keyOld"]);
    await app.rows(`UPDATE "AuditEvent" SET at = now()`);
  });
});

it("in a terminal, a fault stands there with what to do and where to read on", async () => {
  const { stdout, exitCode } = await runDoctor({ ...app.environment, AUTH_COMPANY_SECRET: "another-secret" });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^FAULT {5}company: Client and secret: The provider refuses this client \(invalid_client\)/m);
  expect(stdout).toMatch(/^ +Copy AUTH_COMPANY_ID and AUTH_COMPANY_SECRET again/m);
  expect(stdout).toMatch(/^ +docs\/doctor\.md#providerclient$/m);
  expect(stdout.trimEnd()).toMatch(/1 fault to mend$/);
});

describe("the page", () => {
  it("is for administrators: a stranger signs in first, and a user without the role is refused", async () => {
    const stranger = await new HttpBrowser().request(`${app.url}/admin/doctor`);
    expect(stranger.location).toContain("/sign-in");
    const user = await signedIn(app, { user: "minsu" });
    expect((await user.request(`${app.url}/admin/doctor`)).status).toBe(403);
  });

  it("says the same to an administrator, in their language", async () => {
    const admin = await signedIn(app, { user: "haneul" });
    await app.control.addFault("partner", {
      endpoint: "jwks",
      times: null,
      fault: { kind: "respond", status: 500, headers: {} },
    });
    const read = async (language: string) =>
      (await admin.fetch(`${app.url}/admin/doctor`, { headers: { "accept-language": language } })).body;
    expect(await read("en")).toContain("The provider&#x27;s keys can&#x27;t be fetched");
    expect(await read("ko")).toContain("제공자의 키를 가져올 수 없습니다");
    await app.control.clearFaults("partner");
  });

  it("shows that fewer proxies are in front than were said", async () => {
    const sibling = await app.startSibling({ TRUSTED_PROXY_HOPS: "2" });
    const admin = (await signedIn(app, { user: "haneul" })).clone((url) =>
      url.origin === app.url ? sibling.url : null,
    );
    const asked = { headers: { "x-forwarded-for": "203.0.113.7", "accept-language": "en" } };
    const page = await admin.request(`${app.url}/admin/doctor`, asked);
    expect(page.status).toBe(200);
    expect(page.body).toContain("TRUSTED_PROXY_HOPS is 2, and the request passed only 1.");
  });
});
