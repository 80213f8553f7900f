import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import type { HttpBrowser, Page } from "../../support/http-browser";
import { meetProvider, shareTestApp, signedIn, signedInLongAgo, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let sibling: RunningApp;
beforeAll(async () => {
  app = await shareTestApp();
  sibling = await app.startSibling();
});
afterEach(async () => {
  await app.control.setClock("company", 0);
  await app.control.clearFaults("company");
});
afterAll(() => app.close());

/** What the forms of `/account/sessions` send. */
async function end(browser: HttpBrowser, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const { csrfToken } = JSON.parse((await browser.fetch(`${app.url}/api/auth/csrf`)).body);
  const form = { csrfToken, ...fields };
  return browser.request(`${app.url}/api/account/sessions/end`, { method: "POST", form, headers });
}

/** Goes where `answered` leads: through the provider if that asks, back, and to the page. */
async function follow(browser: HttpBrowser, answered: Page, user: string): Promise<Page> {
  if (answered.status !== 302) return answered;
  const back = await meetProvider(app, browser, answered, user);
  return browser.request(back.location ?? "");
}

async function sessionOf(browser: HttpBrowser) {
  const me = await whoIs(app, browser);
  const [row] = await app.rows<{ id: string; sessionToken: string }>(
    `SELECT id, "sessionToken" FROM "Session" WHERE "userId" = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [me?.user.id],
  );
  return row as { id: string; sessionToken: string };
}

/** The session that a browser holds, by what the page says of this device. */
async function sessionIn(browser: HttpBrowser): Promise<{ id: string }> {
  const { body } = await browser.request(`${app.url}/account/sessions`);
  return { id: /data-session="([^"]+)"/.exec(body)?.[1] ?? "" };
}

const rowOf = async (id: string) =>
  (await app.rows(`SELECT "endReason", "endedBy" FROM "Session" WHERE id = $1`, [id]))[0];

describe("ending a session on another device", () => {
  it("ends that one on every instance, and nothing else", async () => {
    const [other, third, mine] = [
      await signedIn(app, { user: "minsu" }),
      await signedIn(app, { user: "minsu" }),
      await signedIn(app, { user: "minsu" }),
    ] as [HttpBrowser, HttpBrowser, HttpBrowser];
    const [target] = await app.rows<{ id: string }>(
      `SELECT id FROM "Session" WHERE subject = 'minsu' ORDER BY "createdAt" LIMIT 1`,
    );
    const answered = await follow(mine, await end(mine, { session: target?.id ?? "" }), "minsu");
    expect([answered.status, answered.location]).toEqual([303, `${app.url}/account/sessions?ended=1`]);
    for (const url of [app.url, sibling.url]) {
      const refused = await other.fetch(`${url}/api/me`);
      expect([refused.status, JSON.parse(refused.body).error]).toEqual([401, "session_revoked"]);
    }
    expect(await whoIs(app, third)).toMatchObject({ sub: "minsu" });
    expect(await whoIs(app, mine)).toMatchObject({ sub: "minsu" });
    expect(await rowOf(target?.id ?? "")).toEqual({ endReason: "session_revoked", endedBy: "self" });
    expect(
      await app.rows(
        `SELECT g."endReason", g."sealedRefreshToken", g."sealedIdToken" FROM "Grant" g WHERE g."sessionId" = $1`,
        [target?.id],
      ),
    ).toEqual([{ endReason: "session_revoked", sealedRefreshToken: null, sealedIdToken: null }]);
  });

  it.each([
    ["others", 1],
    ["everywhere", 1],
    ["device", 0],
  ])(
    "leaves nothing open that is over already, and that a request in flight could bring back (%s)",
    async (what, index) => {
      const browsers = [await signedIn(app, { user: "jiwoo" }), await signedIn(app, { user: "jiwoo" })] as const;
      const { csrfToken } = JSON.parse((await browsers[0].fetch(`${app.url}/api/auth/csrf`)).body);
      const { id } = await sessionIn(browsers[index] as HttpBrowser);
      await app.rows(`UPDATE "Session" SET "idleExpiresAt" = now() - interval '1 second' WHERE id = $1`, [id]);
      if (what === "others") await follow(browsers[0], await end(browsers[0], { which: what }), "jiwoo");
      else {
        const form = { csrfToken, scope: what };
        await browsers[0].request(`${app.url}/api/auth/signout`, { method: "POST", form });
      }
      expect(await rowOf(id)).toEqual({ endReason: "session_idle", endedBy: "policy" });
    },
  );

  it("ends all others at once, on every instance, and nobody else's", async () => {
    const others = [await signedIn(app, { user: "haneul" }), await signedIn(app, { user: "haneul" })];
    const stranger = await signedIn(app, { user: "eunji" });
    const mine = await signedIn(app, { user: "haneul" });
    await follow(mine, await end(mine, { which: "others" }), "haneul");
    for (const other of others) expect((await other.fetch(`${sibling.url}/api/me`)).status).toBe(401);
    expect(await whoIs(app, mine)).toMatchObject({ sub: "haneul" });
    expect(await whoIs(app, stranger)).toMatchObject({ sub: "eunji" });
  });

  it("tells the provider that the refresh tokens are not needed any more, once the last session has ended", async () => {
    await app.rows(`DELETE FROM "Session" WHERE subject = 'jiwoo'`);
    const other = await signedIn(app, { user: "jiwoo" });
    const { refreshToken } = (await app.control.issued("company")).at(-1) ?? {};
    const target = await sessionOf(other);
    const mine = await signedIn(app, { user: "jiwoo" });
    await follow(mine, await end(mine, { session: target.id }), "jiwoo");
    const revoked = async () =>
      (await app.control.journal("company", { endpoint: "revocation" })).map(({ form }) => form?.token);
    await mine.submit(await mine.request(`${app.url}/sign-out`), 'data-scope="device"');
    await expect.poll(revoked).toContain(refreshToken);
  });

  it("answers for an unknown, a foreign, an ended and an impossible session as for one that does not exist", async () => {
    const stranger = await signedIn(app, { user: "blank" });
    const foreign = await sessionOf(stranger);
    const mine = await signedIn(app, { user: "maximilian" });
    const [ended] = await app.rows<{ id: string }>(`SELECT id FROM "Session" WHERE "endedAt" IS NOT NULL LIMIT 1`);
    const seen = new Set<string>();
    for (const session of [
      foreign.id,
      foreign.sessionToken,
      ended?.id ?? "",
      "00000000-0000-4000-8000-000000000000",
      "../../../etc/passwd",
      "' OR 1=1 --",
      "x".repeat(2000),
    ]) {
      const answered = await follow(mine, await end(mine, { session }), "maximilian");
      seen.add(`${answered.status} ${answered.location}`);
      const fetched = await end(mine, { session }, { "Sec-Fetch-Mode": "cors", Accept: "application/json" });
      seen.add(`${fetched.status} ${fetched.body}`);
    }
    expect([...seen]).toEqual([`303 ${app.url}/account/sessions?ended=1`, '200 {"ended":0}']);
    expect(await whoIs(app, stranger)).toMatchObject({ sub: "blank" });
    expect(await whoIs(app, mine)).toMatchObject({ sub: "maximilian" });
  });

  it("refuses a form from elsewhere, without its token, with another's, and one that says two things", async () => {
    const victim = await signedIn(app, { user: "minsu" });
    const attacker = await signedIn(app, { user: "eunji" });
    const foreign = JSON.parse((await attacker.fetch(`${app.url}/api/auth/csrf`)).body).csrfToken;
    const codeOf = async (answered: Page) => new URL(answered.location ?? "").searchParams.get("code");
    const target = { which: "others" };
    expect(await codeOf(await end(victim, target, { Origin: "https://evil.example" }))).toBe("csrf_rejected");
    expect(await codeOf(await end(victim, target, { Origin: "null" }))).toBe("csrf_rejected");
    expect(await codeOf(await end(victim, { ...target, csrfToken: foreign }))).toBe("csrf_rejected");
    expect(await codeOf(await end(victim, { ...target, csrfToken: "" }))).toBe("csrf_rejected");
    expect(await codeOf(await end(victim, { ...target, session: crypto.randomUUID() }))).toBe("invalid_request");
    expect(await codeOf(await end(victim, { which: "everything" }))).toBe("invalid_request");
    expect(await codeOf(await end(victim, {}))).toBe("invalid_request");
    expect((await victim.request(`${app.url}/api/account/sessions/end`)).status).toBe(405);
  });

  it("says so, and ends nothing, while the database is away", async () => {
    const other = await signedIn(app, { user: "minsu" });
    const mine = await signedIn(app, { user: "minsu" });
    const { csrfToken } = JSON.parse((await mine.fetch(`${app.url}/api/auth/csrf`)).body);
    await app.database.cut();
    try {
      const answered = await mine.fetch(`${app.url}/api/account/sessions/end`, {
        method: "POST",
        form: { csrfToken, which: "others" },
      });
      expect([answered.status, JSON.parse(answered.body).error]).toEqual([503, "database_unavailable"]);
    } finally {
      await app.database.mend();
    }
    await expect.poll(async () => (await whoIs(app, other))?.sub).toBe("minsu");
  });
});

describe("a sign-in that is not recent", () => {
  it("is confirmed at the provider, and coming back from there ends what was asked for", async () => {
    const target = await signedIn(app, { user: "haneul" });
    const { id } = await sessionOf(target);
    const mine = await signedInLongAgo(app, "haneul");
    const before = await sessionOf(mine);
    const answered = await end(mine, { session: id });
    expect(answered.status).toBe(302);
    const asked = new URL(answered.location ?? "");
    expect([asked.origin, asked.searchParams.get("max_age")]).toEqual([app.issuers.company, "600"]);
    expect(await whoIs(app, target)).toMatchObject({ sub: "haneul" });

    const back = await follow(mine, answered, "haneul");
    expect([back.status, back.location]).toEqual([303, `${app.url}/account/sessions?ended=1`]);
    expect(await whoIs(app, target)).toBeNull();
    expect(await rowOf(id)).toEqual({ endReason: "session_revoked", endedBy: "self" });
    // Confirming is a sign-in: a new session took the place of the one that asked.
    expect((await sessionOf(mine)).id).not.toBe(before.id);
    expect(await rowOf(before.id)).toEqual({ endReason: "replaced", endedBy: "sign_in" });
  });

  it("is told to a fetch, which cannot go to the provider", async () => {
    const mine = await signedInLongAgo(app, "minsu");
    const answered = await end(mine, { which: "others" }, { "Sec-Fetch-Mode": "cors", Accept: "application/json" });
    expect([answered.status, JSON.parse(answered.body).error]).toEqual([401, "step_up_required"]);
  });

  it("another person who comes back is refused, nothing ends, and the session that asked goes on", async () => {
    const target = await signedIn(app, { user: "haneul" });
    const { id } = await sessionOf(target);
    const mine = await signedInLongAgo(app, "haneul");
    // Choosing minsu there would sign haneul out at the provider, which would then end this session as well.
    const fault = { kind: "id_token", setClaims: { sub: "minsu" } } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    const refused = await follow(mine, await end(mine, { session: id }), "haneul");
    expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("identity_mismatch");
    expect(await whoIs(app, mine)).toMatchObject({ sub: "haneul" });
    expect(await whoIs(app, target)).toMatchObject({ sub: "haneul" });
  });

  it.each([
    ["says nothing of when", { removeClaims: ["auth_time"] }],
    ["says that it was long ago", { setClaims: { auth_time: 1_000_000 } }],
  ])("a provider that %s has not confirmed it", async (_, change) => {
    const target = await signedIn(app, { user: "haneul" });
    const { id } = await sessionOf(target);
    const mine = await signedInLongAgo(app, "haneul");
    await app.control.addFault("company", { endpoint: "token", fault: { kind: "id_token", ...change } });
    const refused = await follow(mine, await end(mine, { session: id }), "haneul");
    expect(new URL(refused.location ?? "").searchParams.get("code")).toBe("id_token_invalid");
    expect(await whoIs(app, mine)).toMatchObject({ sub: "haneul" });
    expect(await whoIs(app, target)).toMatchObject({ sub: "haneul" });
  });

  it("an address that starts a confirmation is nobody's to write", async () => {
    const mine = await signedIn(app, { user: "minsu" });
    for (const query of ["", "?request=", "?request=eyJhbGciOiJub25lIn0.e30.", `?request=${"x".repeat(9000)}`]) {
      const answered = await mine.request(`${app.url}/api/session/step-up${query}`);
      expect(new URL(answered.location ?? "").searchParams.get("code")).toBe("invalid_request");
    }
  });
});
