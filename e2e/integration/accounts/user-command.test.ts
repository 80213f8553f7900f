import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chrome, Device, firefox, runUser, shareAccountsApp, signInOn, userIdIn } from "../../support/accounts";
import { type TestApp, whoIs } from "../../support/test-app";

// Each run starts a process that compiles what it needs: a busy machine takes a while for that.
const commandMs = 600_000;

let app: TestApp;
beforeAll(async () => {
  app = await shareAccountsApp();
});
afterAll(() => app.close());

describe("npm run user", () => {
  it(
    "finds a user by id, address and provider:sub, and says how it is used",
    async () => {
      const device = await signInOn(app, new Device(chrome, "198.51.100.43"), "haneul");
      const id = await userIdIn(app, device);
      const [byId, byAddress, bySubject, nobody, unknown] = await Promise.all([
        runUser(app, "find", id.toUpperCase()),
        runUser(app, "find", "Haneul@company.example"),
        runUser(app, "find", "company:haneul", "--json"),
        runUser(app, "find", "partner:haneul"),
        runUser(app, "toString", id),
      ]);
      expect(byId).toMatchObject({ code: 0, out: expect.stringContaining(`${id}  haneul@company.example`) });
      expect(byAddress).toMatchObject({ code: 0, out: byId.out });
      expect(JSON.parse(bySubject.out)).toMatchObject([{ id }]);
      expect(nobody).toMatchObject({ code: 1, err: "No such user.\n" });
      expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("Usage:") });
    },
    commandMs,
  );

  it(
    "ends sessions, disables and enables, each with its row in the trail, and exports that as the user's own page does",
    async () => {
      const device = await signInOn(app, new Device(chrome, "198.51.100.44"), "minsu");
      const id = await userIdIn(app, device);
      expect((await runUser(app, "end-sessions", "company:minsu")).out).toBe("Sessions ended: 1.\n");
      expect(await whoIs(app, device)).toBeNull();
      await signInOn(app, device, "minsu");
      expect((await runUser(app, "disable", id)).out).toBe(`Disabled: ${id}. Sessions ended: 1.\n`);
      expect(await whoIs(app, device)).toBeNull();
      expect(JSON.parse((await runUser(app, "enable", id, "--json")).out)).toMatchObject({ kind: "done" });
      await signInOn(app, device, "minsu");
      const told = JSON.parse((await runUser(app, "export", id)).out);
      expect(told).toMatchObject({ user: { id }, accounts: [{ providerAccountId: "minsu" }] });
      const acts = told.activity.filter(({ event }: { event: string }) => event === "admin.action");
      const actor = "terminal";
      expect(acts).toMatchObject(
        ["end_sessions", "disable", "enable", "export"].map((act) => ({ detail: { act, actor } })),
      );
      expect(JSON.stringify(acts)).not.toContain('"by"');
    },
    commandMs,
  );

  it(
    "refuses what may mean two users and names both, and deletes only with --yes",
    async () => {
      const one = await signInOn(app, new Device(chrome, "198.51.100.45"), "eunji");
      const id = await userIdIn(app, one);
      const other = await signInOn(app, new Device(firefox, "203.0.113.45"), "maximilian");
      const otherId = await userIdIn(app, other);
      await app.rows(`UPDATE "User" SET email = 'company:eunji@x' WHERE id = $1`, [otherId]);
      await app.rows(`UPDATE "Account" SET "providerAccountId" = 'eunji@x' WHERE "userId" = $1`, [id]);
      const [ambiguous, unsure] = await Promise.all([
        runUser(app, "disable", "company:eunji@x"),
        runUser(app, "delete", id),
      ]);
      expect(ambiguous).toMatchObject({ code: 1, err: expect.stringContaining("More than one user") });
      expect([ambiguous.err.includes(id), ambiguous.err.includes(otherId)]).toEqual([true, true]);
      expect(unsure).toMatchObject({ code: 1, err: expect.stringContaining("--yes") });
      expect(await userIdIn(app, one)).toBe(id);
      await app.rows(`DELETE FROM "User" WHERE id IN ($1, $2)`, [id, otherId]);
    },
    commandMs,
  );
});
