import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../../dev/run/build";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { own } from "../../support/proxied";
import { openTestApp, signedIn, signIn, type TestApp } from "../../support/test-app";

let app: TestApp;
let former: string;
beforeAll(async () => {
  app = await openTestApp();
  former = app.environment.VAULT_KEYS ?? "";
});
beforeEach(() => app.rows(`TRUNCATE "Session", "Grant", "AccessToken" CASCADE`));
afterAll(() => app.close());

const newKey = () => randomBytes(32).toString("base64");

/** Runs the command with these keys, whatever its exit code. */
async function rotate(vaultKeys: string, more: Record<string, string> = {}): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...app.environment, VAULT_KEYS: vaultKeys, ...more };
  try {
    const options = { cwd: root, env: { ...env, NODE_ENV: "production" as const } };
    const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "vault:rotate"], options);
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, said: stdout };
  }
}

const sealed = async () =>
  (
    await app.rows<{ sealed: string }>(
      `SELECT "sealedRefreshToken" AS sealed FROM "Grant" UNION ALL SELECT "sealedIdToken" FROM "Grant"
       UNION ALL SELECT "sealedToken" FROM "AccessToken"`,
    )
  ).map((row) => row.sealed);

const keyIds = async () => [...new Set((await sealed()).map((value) => value.split(".")[1]))];

describe("npm run vault:rotate", () => {
  it("re-seals every stored token while people stay signed in, and has nothing to do the second time", async () => {
    const browser = await signedIn(app);
    await signedIn(app, { user: "haneul" });
    const before = await sealed();
    const keys = `k_2:${newKey()},${former}`;
    expect(await rotate(keys)).toMatchObject({
      code: 0,
      said: expect.stringContaining("Re-sealed: 6. Not re-sealed: 0 "),
    });
    expect(await keyIds()).toEqual(["k_2"]);
    expect((await sealed()).some((value) => before.includes(value))).toBe(false);
    expect(await rotate(keys)).toMatchObject({ code: 0, said: expect.stringContaining("Re-sealed: 0.") });
    expect((await browser.fetch(`${app.url}/api/me`)).status).toBe(200);
    const [row] = await app.rows(`SELECT outcome, detail FROM "AuditEvent" WHERE event = 'vault.rotated' ORDER BY id`);
    expect(row).toEqual({ outcome: "success", detail: { key: "k_2", resealed: 6, broken: 0, unknown: 0 } });
  });

  it("re-seals the keys that tokens are bound to as well, and calls are proved by them afterwards", async () => {
    const keys = `k_2:${newKey()},${former}`;
    const instances = [
      await app.startSibling({ AUTH_COMPANY_DPOP: "true" }),
      await app.startSibling({ AUTH_COMPANY_DPOP: "true", VAULT_KEYS: keys }),
    ] as const;
    let [{ url }] = instances;
    const browser = new HttpBrowser(({ origin }) => (origin === app.url ? url : null));
    expect((await signIn(app, browser)).status).toBe(303);
    expect((await rotate(keys)).said).toContain("Re-sealed: 4. ");
    const [kept] = await app.rows<{ key: string }>(`SELECT "sealedProofKey" AS key FROM "Grant"`);
    expect(kept?.key).toMatch(/^v2\.k_2\./);
    url = instances[1].url;
    const orders = await browser.fetch(`${app.url}/api/services/shopping/orders`, { headers: own });
    expect(orders.status, instances[1].output().slice(-1000)).toBe(200);
  });

  it("FF-23: seals what was sealed without its owner once more, with it; both are read meanwhile", async () => {
    const former1 = await app.startSibling({ VAULT_SEAL_VERSION: "1" });
    const browser = await signedIn(app, { user: "minsu" });
    const versions = async () => [...new Set((await sealed()).map((value) => value.split(".")[0]))];
    expect(await versions()).toEqual(["v2"]);
    expect(await rotate(former, { VAULT_SEAL_VERSION: "1" })).toMatchObject({ code: 0 });
    expect(await versions()).toEqual(["v1"]);
    for (const { url } of [app, former1])
      expect((await browser.fetch(`${url}/api/me?source=userinfo`)).status).toBe(200);
    expect((await rotate(former)).said).toContain("Re-sealed: 3.");
    expect(await versions()).toEqual(["v2"]);
    expect((await browser.fetch(`${app.url}/api/me?source=userinfo`)).status).toBe(200);
  });

  it("goes on after an interruption, and takes a key whose id only looks like the newest's for another", async () => {
    await signedIn(app, { user: "eunji" });
    const [first] = former.split(":");
    const alike = `kX2:${newKey()}`;
    await rotate(`${alike},${former}`);
    // Half of it, as an interrupted run leaves it.
    await signedIn(app, { user: "minsu" });
    expect((await keyIds()).sort()).toEqual(["kX2", first].sort());
    expect((await rotate(`k_2:${newKey()},${alike},${former}`)).said).toContain("Re-sealed: 6. Not re-sealed: 0 ");
    expect(await keyIds()).toEqual(["k_2"]);
  });

  it("leaves what it cannot open as it is, tells of it, and seals the rest", async () => {
    await signedIn(app, { user: "jiwoo" });
    await signedIn(app, { user: "blank" });
    const [a, b] = await app.rows<{ id: string; sealedRefreshToken: string }>(
      `SELECT id, "sealedRefreshToken" FROM "Grant" ORDER BY id`,
    );
    // A value that was moved from another row, and one under a key that is gone.
    await app.rows(`UPDATE "Grant" SET "sealedRefreshToken" = $1 WHERE id = $2`, [b?.sealedRefreshToken, a?.id]);
    await app.rows(`UPDATE "Grant" SET "sealedRefreshToken" = 'v1.gone.AAAA.AAAA' WHERE id = $1`, [b?.id]);
    const { code, said } = await rotate(`k3:${newKey()},${former}`);
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(
        "Re-sealed: 4. Not re-sealed: 1 under a key that is not configured, 1 that cannot be opened.",
      ),
    ]);
    const rows = await app.rows(`SELECT "sealedRefreshToken" FROM "Grant" ORDER BY id`);
    expect(rows).toEqual([{ sealedRefreshToken: b?.sealedRefreshToken }, { sealedRefreshToken: "v1.gone.AAAA.AAAA" }]);
    expect(await app.rows(`SELECT reason, detail FROM "AuditEvent" WHERE event = 'security.ciphertext'`)).toEqual([
      { reason: "reauthentication_required", detail: { table: "Grant", column: "refreshToken", row: a?.id } },
    ]);
  });
});

it("a stored token that was changed is never used: the person is asked to sign in, and it is written down", async () => {
  const browser = await signedIn(app, { user: "maximilian" });
  await app.rows(`UPDATE "AccessToken" SET "sealedToken" = overlay("sealedToken" placing 'AAAA' from 40)`);
  const answered = await browser.fetch(`${app.url}/api/me?source=userinfo`);
  expect([answered.status, JSON.parse(answered.body).error]).toEqual([401, "reauthentication_required"]);
  const [row] = await app.rows(`SELECT id FROM "AccessToken"`);
  expect(await lastAudit(app, "security.ciphertext")).toMatchObject({
    reason: "reauthentication_required",
    detail: { table: "AccessToken", column: "token", row: row?.id },
  });
});
