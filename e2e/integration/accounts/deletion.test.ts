import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import {
  chrome,
  cronSecret,
  Device,
  eventsOf,
  firefox,
  placesOf,
  runUser,
  send,
  shareAccountsApp,
  signInOn,
  userIdIn,
} from "../../support/accounts";
import { connectNotes } from "../../support/connecting";
import { HttpBrowser, type Page } from "../../support/http-browser";
import { meetProvider, signedInLongAgo, signIn, startSignIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
/** Deletes at once. */
let atOnce: RunningApp;
beforeAll(async () => {
  app = await shareAccountsApp();
  atOnce = await app.startSibling({ ACCOUNT_DELETION_GRACE_DAYS: "0" });
});
afterEach(async () => {
  await app.control.setClock("company", 0);
  await app.control.clearFaults("company");
});
afterAll(() => app.close());

let count = 0;
/** Somebody whom nobody else resembles. */
async function newUser() {
  count += 1;
  const sub = `leaver-${count}-${crypto.randomUUID().slice(0, 8)}`;
  const name = `Leaving ${sub}`;
  const email = `${sub}@mail.example`;
  await app.control.putUser("company", { sub, login: sub, name, email, emailVerified: true });
  return { sub, name, email };
}

const sweep = () =>
  new HttpBrowser().fetch(`${app.url}/api/cron/sweep`, { headers: { authorization: `Bearer ${cronSecret}` } });
const codeIn = ({ location }: Page) => new URL(location ?? "", app.url).searchParams.get("code");
const userRow = async (id: string) =>
  (await app.rows<{ deletionDueAt: Date | null }>(`SELECT "deletionDueAt" FROM "User" WHERE id = $1`, [id]))[0];

describe("deleting an account at once", () => {
  it("leaves nothing of its user in any column of any table but a pseudonym, and tells provider and service", async () => {
    const user = await newUser();
    const phone = await signInOn(app, new Device(firefox, "203.0.113.77"), user.sub);
    const device = await signInOn(app, new Device(chrome, "198.51.100.23"), user.sub);
    await connectNotes(app, device);
    const id = await userIdIn(app, device);
    const issued = [...(await app.control.issued("company")), ...(await app.control.issued("notes"))];
    const rows = await app.rows<{ id: string; sessionToken: string }>(
      `SELECT id, "sessionToken" FROM "Session" WHERE "userId" = $1`,
      [id],
    );
    const refreshTokens = issued.slice(-3).flatMap(({ refreshToken }) => refreshToken ?? []);
    const values = [
      id,
      ...Object.values(user),
      ...rows.flatMap((row) => [row.id, row.sessionToken]),
      ...issued.slice(-3).flatMap((tokens) => [tokens.refreshToken, tokens.accessToken, tokens.idToken]),
      "n-minsu",
    ].flatMap((value) => value ?? []);
    expect(await placesOf(app, [id, user.sub, user.email, user.name])).not.toEqual([]);

    const answered = await send(app, device, "delete", { confirm: "Delete " }, { base: atOnce.url });
    expect([answered.status, new URL(answered.location ?? "").pathname]).toEqual([303, "/signed-out"]);
    expect(await whoIs(app, device)).toBeNull();
    expect(await whoIs(app, phone)).toBeNull();

    await expect.poll(() => app.rows(`SELECT 1 FROM "Revocation"`)).toEqual([]);
    expect(await placesOf(app, values)).toEqual([]);
    // Of before anybody knew who it was, a row has no user to be erased with.
    const strangers = `"userId" IS NULL AND pseudonym IS NULL`;
    const network = [phone, device].flatMap(({ ip, userAgent }) => [ip, userAgent]);
    const left = await placesOf(app, network, strangers);
    expect(left.filter((place) => !place.startsWith("RateLimit"))).toEqual([]);
    const pseudonyms = await app.rows<{ pseudonym: string; events: string[] }>(
      `SELECT pseudonym, array_agg(DISTINCT event) events FROM "AuditEvent" WHERE pseudonym IS NOT NULL GROUP BY pseudonym`,
    );
    expect(pseudonyms).toHaveLength(1);
    expect(pseudonyms[0]?.events).toEqual(
      expect.arrayContaining(["sign_in.succeeded", "service.connected", "account.deletion_asked", "account.deleted"]),
    );
    const told = [
      ...(await app.control.journal("company", { endpoint: "revocation" })),
      ...(await app.control.journal("notes", { endpoint: "revocation" })),
    ].map(({ form }) => form.token);
    expect(told).toEqual(expect.arrayContaining(refreshTokens));
  });

  it("lets whoever comes again begin as somebody new", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.24"), user.sub);
    const before = await userIdIn(app, device);
    await send(app, device, "delete", { confirm: "삭제" }, { base: atOnce.url });
    await signInOn(app, device, user.sub);
    expect(await userIdIn(app, device)).not.toBe(before);
  });

  it("is finished by the clean-up, where the instance died between the wish and its end", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.25"), user.sub);
    const id = await userIdIn(app, device);
    await app.rows(`UPDATE "User" SET "deletionAskedAt" = now(), "deletionDueAt" = now() WHERE id = $1`, [id]);
    const again = new Device(chrome, "198.51.100.25");
    expect(codeIn(await signIn(app, again, { user: user.sub }))).toBe("account_disabled");
    expect(JSON.parse((await sweep()).body)).toMatchObject({ users: 1, done: true });
    expect(await placesOf(app, [id, ...Object.values(user)])).toEqual([]);
    await signInOn(app, again, user.sub);
  });

  it("is carried out whole beside a sign-in of the same user on another instance, whichever comes first", async () => {
    for (let round = 0; round < 6; round += 1) {
      const user = await newUser();
      const device = await signInOn(app, new Device(chrome, "198.51.100.26"), user.sub);
      const id = await userIdIn(app, device);
      const other = new Device(firefox, "203.0.113.78");
      const started = await startSignIn(app, other);
      const back = await meetProvider(app, other, started, user.sub);
      const form = send(app, device, "delete", { confirm: "delete" }, { base: atOnce.url });
      const [deleted, entered] = await Promise.all([form, other.request(back.location ?? "")]);
      expect(deleted.status).toBe(303);
      expect(await userRow(id)).toBeUndefined();
      expect(await app.rows(`SELECT 1 FROM "Session" WHERE "userId" = $1`, [id])).toEqual([]);
      const me = await whoIs(app, other);
      // Refused, ended with the rest, or the beginning of a new account that is whole.
      if (me) expect(me.user.id).not.toBe(id);
      else expect(entered.status).toBe(303);
      const orphans = await app.rows(
        `SELECT 1 FROM "User" u WHERE NOT EXISTS (SELECT 1 FROM "Account" a WHERE a."userId" = u.id)`,
      );
      expect(orphans).toEqual([]);
    }
  });
});

describe("deleting an account with a grace period", () => {
  it("ends every session at once, and signing in again keeps the account, says so, and is in the trail", async () => {
    const user = await newUser();
    const phone = await signInOn(app, new Device(firefox, "203.0.113.79"), user.sub);
    const device = await signInOn(app, new Device(chrome, "198.51.100.27"), user.sub);
    await connectNotes(app, device);
    const id = await userIdIn(app, device);
    const answered = await send(app, device, "delete", { confirm: "delete" });
    expect(answered.status).toBe(303);
    expect((await device.request(answered.location ?? "")).body).toContain("Your account will be deleted");
    expect(await whoIs(app, phone)).toBeNull();
    const days = ((await userRow(id))?.deletionDueAt?.getTime() ?? 0) - Date.now();
    expect(Math.round(days / 86_400_000)).toBe(14);
    await sweep();

    await signInOn(app, device, user.sub);
    expect(await userIdIn(app, device)).toBe(id);
    expect(await userRow(id)).toEqual({ deletionDueAt: null });
    expect((await device.request(`${app.url}/account`)).body).toContain("Your account stays");
    expect((await device.request(`${app.url}/account/connections`)).body).toContain('data-action="more"');
    expect((await eventsOf(app, id)).filter((event) => event.startsWith("account."))).toEqual([
      "account.deletion_asked",
      "account.deletion_undone",
    ]);
  });

  it("a sign-in on an instance of before, which does not know of it, keeps the account too", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.28"), user.sub);
    const id = await userIdIn(app, device);
    await send(app, device, "delete", { confirm: "delete" });
    await app.rows(`UPDATE "Account" SET "lastSignInAt" = now() + interval '1 second' WHERE "userId" = $1`, [id]);
    await app.rows(`UPDATE "User" SET "deletionDueAt" = now() WHERE id = $1`, [id]);
    await sweep();
    expect(await userRow(id)).toEqual({ deletionDueAt: null });
  });

  it("takes it away once the time is over", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.29"), user.sub);
    const id = await userIdIn(app, device);
    await send(app, device, "delete", { confirm: "delete" });
    await app.rows(`UPDATE "User" SET "deletionDueAt" = now() WHERE id = $1`, [id]);
    await sweep();
    expect(await placesOf(app, [id, ...Object.values(user)])).toEqual([]);
  });
});

describe("what is asked before", () => {
  it("nothing is deleted for a word that was not typed, for a foreign form, or from elsewhere", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.30"), user.sub);
    const id = await userIdIn(app, device);
    for (const confirm of ["", "yes", "deleted", "delete me"]) {
      const answered = await send(app, device, "delete", { confirm });
      expect(answered.location).toBe(`${app.url}/account/data?typed=0#delete`);
    }
    const attacker = await signInOn(app, new Device(firefox, "203.0.113.80"), "eunji");
    const { csrfToken } = JSON.parse((await attacker.fetch(`${app.url}/api/auth/csrf`)).body);
    expect(codeIn(await send(app, device, "delete", { csrfToken, confirm: "delete" }))).toBe("csrf_rejected");
    const headers = { Origin: "https://evil.example" };
    expect(codeIn(await send(app, device, "delete", { confirm: "delete" }, { headers }))).toBe("csrf_rejected");
    expect((await device.request(`${app.url}/api/account/delete`)).status).toBe(405);
    expect(await userRow(id)).toEqual({ deletionDueAt: null });
  });

  it("a sign-in that is not recent is confirmed at the provider first, and leads back to the form", async () => {
    const device = await signedInLongAgo(app, "maximilian");
    const id = await userIdIn(app, device);
    const asked = await send(app, device, "delete", { confirm: "delete" });
    expect(asked.location).toContain("/api/session/step-up?request=");
    const started = await device.request(asked.location ?? "");
    const back = await meetProvider(app, device, started, "maximilian");
    const returned = await device.request(back.location ?? "");
    expect(returned.location).toBe(`${app.url}/account/data#delete`);
    expect((await device.request(`${app.url}/account/data`)).body).toContain('data-form="delete"');
    expect(await userRow(id)).toEqual({ deletionDueAt: null });
    const fetched = await send(
      app,
      await signedInLongAgo(app, "maximilian"),
      "delete",
      { confirm: "delete" },
      {
        headers: { "Sec-Fetch-Mode": "cors", Accept: "application/json" },
      },
    );
    expect([fetched.status, JSON.parse(fetched.body).error]).toEqual([401, "step_up_required"]);
  });

  it("is told, and nothing is done, while the database is away", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.31"), user.sub);
    const id = await userIdIn(app, device);
    const { csrfToken } = JSON.parse((await device.fetch(`${app.url}/api/auth/csrf`)).body);
    await app.database.cut();
    try {
      const form = { csrfToken, confirm: "delete" };
      const answered = await device.fetch(`${app.url}/api/account/delete`, { method: "POST", form });
      expect([answered.status, JSON.parse(answered.body).error]).toEqual([503, "database_unavailable"]);
    } finally {
      await app.database.mend();
    }
    await expect.poll(async () => (await whoIs(app, device))?.user.id).toBe(id);
  });
});

describe("npm run user -- delete", () => {
  it("deletes at once, only with --yes, and the trail has the operator's act under the pseudonym", async () => {
    const user = await newUser();
    const device = await signInOn(app, new Device(chrome, "198.51.100.32"), user.sub);
    const id = await userIdIn(app, device);
    expect(await runUser(app, "delete", user.email)).toMatchObject({ code: 1, err: expect.stringContaining("--yes") });
    expect(await userIdIn(app, device)).toBe(id);
    expect(await runUser(app, "delete", `company:${user.sub}`, "--yes")).toMatchObject({
      code: 0,
      out: `Deleted: ${id}.\n`,
    });
    expect(await placesOf(app, [id, ...Object.values(user)])).toEqual([]);
    expect(await whoIs(app, device)).toBeNull();
    expect(await runUser(app, "delete", id, "--yes")).toMatchObject({ code: 1, err: "No such user.\n" });
  });
});
