import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../../dev/run/app";
import { sessionCookie } from "../../support/cookies";
import { lastAudit } from "../../support/expectations";
import { HttpBrowser } from "../../support/http-browser";
import { logoutForm, newestSession, post, type SessionRow, signedInBeside } from "../../support/logout-channel";
import { clientId, openTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

const event = "http://schemas.openid.net/event/backchannel-logout";

let app: TestApp;
let sibling: RunningApp;
/** Somebody at company who stays signed in through all that is refused, and their session. */
let minsu: HttpBrowser;
let session: SessionRow;
beforeAll(async () => {
  app = await openTestApp({ env: { AUTH_PARTNER_BACKCHANNEL_REQUIRE_TYP: "false" } });
  sibling = await app.startSibling();
});
afterEach(async () => {
  for (const id of ["company", "partner"]) await app.control.clearFaults(id);
});
afterAll(() => app.close());

type Mutation = NonNullable<Parameters<TestApp["control"]["backchannelLogout"]>[1]["mutate"]>;

/** A logout token as the provider would make it for minsu's session, changed as asked. */
async function makeToken({
  mutate = {},
  provider = "company",
  ...names
}: {
  mutate?: Mutation;
  provider?: string;
  sub?: string;
  sid?: string;
} = {}) {
  const named =
    names.sub === undefined && names.sid === undefined ? { sub: "minsu", sid: session.providerSessionId } : names;
  const request = { clientId, ...named, mutate, deliver: false };
  return (await app.control.backchannelLogout(provider, request)).logoutToken;
}

async function expectRefused(
  answered: Response,
  { reason = "invalid_request", cause }: { reason?: string; cause?: string | RegExp } = {},
) {
  expect(answered.status).toBe(400);
  expect(answered.headers.get("cache-control")).toBe("no-store");
  const body = await answered.json();
  expect(body).toEqual({ error: "invalid_request", message: expect.any(String), request_id: expect.any(String) });
  expect(answered.headers.get("x-request-id")).toBe(body.request_id);
  expect(await lastAudit(app, "sign_out.backchannel_rejected")).toMatchObject({
    outcome: "failure",
    reason,
    requestId: body.request_id,
    ip: expect.any(String),
    ...(cause !== undefined && { detail: { cause: typeof cause === "string" ? cause : expect.stringMatching(cause) } }),
  });
  expect((await whoIs(app, minsu))?.sub).toBe("minsu");
}

async function stay() {
  if (minsu && (await whoIs(app, minsu))) return;
  minsu = await signedIn(app);
  session = await newestSession(app, "minsu");
}

describe("a logout token that is right", () => {
  it("BL-01: a logout token as the conformance suite sends it ends that provider session's sessions everywhere, and nobody else's", async () => {
    await stay();
    const before = Date.now();
    const bound = { endpoint: "token", fault: { kind: "json", set: { scope: "openid profile" } } } as const;
    const lasting = { ...bound, fault: { kind: "json", set: { scope: "openid profile offline_access" } } } as const;
    await app.control.addFault("partner", lasting);
    const first = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const [offline] = (await app.control.issued("partner")).slice(-1);
    await app.control.addFault("partner", bound);
    const second = await signedInBeside(app, first, "partner");
    const [online] = (await app.control.issued("partner")).slice(-1);
    const [elsewhere, stranger] = [
      await signedIn(app, { provider: "partner", user: "seoyeon" }),
      await signedIn(app, { provider: "partner", user: "haneul" }),
    ];
    const rows = await app.rows<SessionRow>(`SELECT * FROM "Session" WHERE subject = 'seoyeon' ORDER BY "createdAt"`);
    expect(rows[0]?.providerSessionId).toBe(rows[1]?.providerSessionId);
    expect(rows[2]?.providerSessionId).not.toBe(rows[0]?.providerSessionId);
    await app.control.clearJournal("partner");

    const sid = rows[0]?.providerSessionId ?? "";
    const mutate = { header: { typ: null }, setClaims: { unknown: { a: [1] } } };
    const token = await makeToken({ provider: "partner", sub: "seoyeon", sid, mutate });
    const answered = await post(app.url, "partner", logoutForm(token, { extra: "field" }));
    expect([answered.status, await answered.text()]).toEqual([200, ""]);
    expect(answered.headers.get("cache-control")).toBe("no-store");

    // At once: nothing that an instance remembers keeps an ended session alive.
    for (const base of [app.url, sibling.url]) {
      for (const browser of [first, second]) {
        const refused = await browser.fetch(`${base}/api/me`);
        expect(refused.status).toBe(401);
        expect(JSON.parse(refused.body).error).toBe("signed_out_by_provider");
      }
      for (const browser of [elsewhere, stranger, minsu]) {
        expect((await browser.fetch(`${base}/api/me`)).status).toBe(200);
      }
    }
    for (const { id } of rows.slice(0, 2)) {
      const [row] = await app.rows<SessionRow>(`SELECT * FROM "Session" WHERE id = $1`, [id]);
      expect(row).toMatchObject({ endReason: "signed_out_by_provider", endedBy: "provider" });
    }
    expect(await lastAudit(app, "sign_out.backchannel")).toMatchObject({
      outcome: "success",
      provider: "partner",
      issuer: app.issuers.partner,
      userId: rows[0]?.userId,
      requestId: answered.headers.get("x-request-id"),
      detail: { by: "sid", count: 2 },
    });
    // Only what was not meant to outlive the session is revoked there, once the last other session there has ended; here
    // nothing is left of either.
    const revoked = () => app.control.journal("partner", { endpoint: "revocation" });
    expect(await revoked()).toEqual([]);
    await elsewhere.submit(await elsewhere.request(`${app.url}/sign-out`), 'data-scope="device"');
    const tokens = async () => (await revoked()).map(({ form }) => form.token);
    await expect.poll(tokens).toContain(online?.refreshToken);
    expect(await tokens()).not.toContain(offline?.refreshToken);
    expect(
      await app.rows(
        `SELECT 1 FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s."providerSessionId" = $1
         AND (g."sealedRefreshToken" IS NOT NULL OR g."endedAt" IS NULL)`,
        [sid],
      ),
    ).toEqual([]);
    const [kept] = await app.rows<{ hours: number }>(
      `SELECT extract(epoch FROM "expiresAt" - "receivedAt") / 3600 AS hours FROM "LogoutToken" WHERE "receivedAt" >= $1`,
      [new Date(before)],
    );
    expect(Number(kept?.hours)).toBe(2);
  });

  it("ends nothing and is carried out all the same when nobody has such a session", async () => {
    await stay();
    const answered = await post(app.url, "company", logoutForm(await makeToken({ sid: "nobody-has-this" })));
    expect(answered.status).toBe(200);
    expect((await lastAudit(app, "sign_out.backchannel"))?.detail).toEqual({ by: "sid", count: 0 });
    expect((await whoIs(app, minsu))?.sub).toBe("minsu");
  });

  it("by sub alone, ends that subject's sessions that began before it, on all devices, and only at that provider", async () => {
    const [first, second] = [await signedIn(app, { user: "haneul" }), await signedIn(app, { user: "haneul" })];
    const namesake = await signedIn(app, { provider: "partner", user: "haneul" });
    const tooEarly = await makeToken({
      sub: "haneul",
      mutate: { setClaims: { iat: Math.floor(Date.now() / 1000) - 200 } },
    });
    expect((await post(app.url, "company", logoutForm(tooEarly))).status).toBe(200);
    expect((await lastAudit(app, "sign_out.backchannel"))?.detail).toEqual({ by: "sub", count: 0 });
    for (const browser of [first, second, namesake]) expect((await whoIs(app, browser))?.sub).toBe("haneul");

    expect((await post(sibling.url, "company", logoutForm(await makeToken({ sub: "haneul" })))).status).toBe(200);
    expect((await lastAudit(app, "sign_out.backchannel"))?.detail).toEqual({ by: "sub", count: 2 });
    for (const browser of [first, second]) expect(await whoIs(app, browser)).toBeNull();
    expect((await whoIs(app, namesake))?.sub).toBe("haneul");
  });

  it("with the sid of one person and the sub of another, ends neither's sessions", async () => {
    await stay();
    const token = await makeToken({ sub: "eunji", sid: session.providerSessionId });
    expect((await post(app.url, "company", logoutForm(token))).status).toBe(200);
    expect((await whoIs(app, minsu))?.sub).toBe("minsu");
  });

  it("DJ-02: a logout token signed by a key of a minute ago is verified after the provider changed its keys", async () => {
    const browser = await signedIn(app, { user: "maximilian" });
    const { providerSessionId } = await newestSession(app, "maximilian");
    await app.control.rotateKeys("company", { keepOld: false });
    const token = await makeToken({ sid: providerSessionId });
    expect((await post(app.url, "company", logoutForm(token))).status).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it("comes after a sign-out at the provider that began here, for a session that has ended already", async () => {
    const browser = await signedIn(app, { user: "jiwoo" });
    const { id } = await newestSession(app, "jiwoo");
    const left = await browser.submit(await browser.request(`${app.url}/sign-out`), 'data-scope="provider"');
    const back = await browser.visit(left.location ?? "");
    await expect
      .poll(async () => (await app.control.issued("company")).filter(({ kind }) => kind === "logout_token").length)
      .toBeGreaterThan(0);
    expect(back.status).toBe(200);
    await expect
      .poll(async () => (await lastAudit(app, "sign_out.backchannel"))?.detail)
      .toEqual({ by: "sid", count: 0 });
    const [row] = await app.rows<SessionRow>(`SELECT * FROM "Session" WHERE id = $1`, [id]);
    expect(row?.endReason).toBe("signed_out");
  });
});

describe("a logout token that is wrong", () => {
  it.each([
    ["logout+jwt", 200, 200],
    ["application/logout+jwt", 200, 200],
    [null, 400, 200],
    ["JWT", 400, 200],
    ["at+jwt", 400, 400],
    ["dpop+jwt", 400, 400],
  ])(
    "BL-02: a logout token of typ %s is answered %i where it is required and %i where it is not",
    async (typ, company, partner) => {
      await stay();
      const mutate = { header: { typ } };
      for (const [provider, expected] of [
        ["company", company],
        ["partner", partner],
      ] as const) {
        const token = await makeToken({ provider, sid: `nobody-${typ}`, mutate });
        const answered = await post(app.url, provider, logoutForm(token));
        if (expected === 200) expect(answered.status).toBe(200);
        else await expectRefused(answered, { cause: "typ" });
      }
    },
  );

  it.each([
    ["none", "alg"],
    ["es256", "alg"],
    ["hs256", "alg"],
    ["hs256-public-key", "alg"],
    ["broken", "signature"],
    ["other-key", "signature"],
    ["unknown-kid", "signature"],
  ] as const)("BL-03: a logout token signed with %s is refused, and nothing ends", async (signWith, cause) => {
    await stay();
    await expectRefused(await post(app.url, "company", logoutForm(await makeToken({ mutate: { signWith } }))), {
      cause,
    });
  });

  it("BL-04: a logout token of another issuer or audience is refused; one of several audiences is enough", async () => {
    await stay();
    const { company } = app.issuers;
    for (const [setClaims, cause] of [
      [{ iss: `${company}INVALID` }, "iss"],
      [{ aud: `${clientId}INVALID` }, "aud"],
      [{ aud: ["other"] }, "aud"],
    ] as const) {
      const answered = await post(app.url, "company", logoutForm(await makeToken({ mutate: { setClaims } })));
      await expectRefused(answered, { cause });
    }
    const several = { mutate: { setClaims: { aud: ["other", clientId] } } };
    expect((await post(app.url, "company", logoutForm(await makeToken(several)))).status).toBe(200);
    expect(await whoIs(app, minsu)).toBeNull();
  });

  it("BL-04: a provider ends no session of another provider, at whichever route", async () => {
    await stay();
    const names = { sub: "minsu", sid: session.providerSessionId };
    const foreign = await makeToken({ provider: "partner", ...names });
    await expectRefused(await post(app.url, "company", logoutForm(foreign)), { cause: "signature" });
    expect((await post(app.url, "partner", logoutForm(foreign))).status).toBe(200);
    const disguised = await makeToken({
      provider: "partner",
      ...names,
      mutate: { setClaims: { iss: app.issuers.company } },
    });
    await expectRefused(await post(app.url, "company", logoutForm(disguised)), { cause: "signature" });
    await expectRefused(await post(app.url, "partner", logoutForm(disguised)), { cause: "iss" });
    await expectRefused(await post(app.url, "partner", logoutForm(await makeToken())), { cause: "signature" });
  });

  it.each<[string, Mutation, string]>([
    ["a nonce", { setClaims: { nonce: "n" } }, "nonce"],
    ["null for a nonce", { setClaims: { nonce: null } }, "nonce"],
    ["an empty nonce", { setClaims: { nonce: "" } }, "nonce"],
    ["neither sub nor sid", { removeClaims: ["sub", "sid"] }, "sub"],
    ["no jti", { removeClaims: ["jti"] }, "jti"],
    ["no iat", { removeClaims: ["iat"] }, "iat"],
    ["no exp", { removeClaims: ["exp"] }, "exp"],
    ["no events", { removeClaims: ["events"] }, "events"],
    ["a list of events", { setClaims: { events: [event] } }, "events"],
    ["another event", { setClaims: { events: { "https://e.example": {} } } }, "events"],
    ["text for the event", { setClaims: { events: { [event]: "yes" } } }, "events"],
    ["a number for sid", { setClaims: { sid: 7 } }, "sid"],
    ["a NUL in sub", { setClaims: { sub: "a\u0000b" } }, "sub"],
    ["a sid of a thousand letters", { setClaims: { sid: "s".repeat(1000) } }, "sid"],
    ["an unknown critical header", { header: { crit: ["x"], x: 1 } }, "malformed"],
    ["a path for a kid", { header: { kid: "../../../../dev/null" } }, "signature"],
  ])("BL-06: a logout token with %s is refused", async (_what, mutate, cause) => {
    await stay();
    await expectRefused(await post(app.url, "company", logoutForm(await makeToken({ mutate }))), { cause });
  });

  it("BL-09: a logout token that is too old, too early or too long-lived is refused", async () => {
    await stay();
    const now = Math.floor(Date.now() / 1000);
    for (const [setClaims, reason, cause] of [
      [{ exp: now - 180 }, "invalid_request", "exp"],
      [{ iat: now - 3600 }, "invalid_request", "iat_old"],
      [{ iat: now + 600, exp: now + 700 }, "clock_skew", "iat_ahead"],
      [{ exp: now + 365 * 86_400 }, "invalid_request", "exp_far"],
    ] as const) {
      const answered = await post(app.url, "company", logoutForm(await makeToken({ mutate: { setClaims } })));
      await expectRefused(answered, { reason, cause });
    }
  });

  it("BL-09: an ID token, an access token or another client's logout token is none for us", async () => {
    await stay();
    const user = await signedIn(app, { provider: "partner", user: "seoyeon" });
    const idToken = (await app.control.issued("partner")).at(-1)?.idToken ?? "";
    const claims = {
      iss: app.issuers.partner,
      aud: clientId,
      sub: "seoyeon",
      iat: 0,
      exp: 0,
      jti: "at",
      client_id: clientId,
    };
    claims.iat = Math.floor(Date.now() / 1000);
    claims.exp = claims.iat + 60;
    const accessToken = await app.control.sign("partner", { claims, header: { typ: "at+jwt" } });
    await app.control.putClient("partner", {
      clientId: "other",
      clientSecret: "x".repeat(32),
      redirectUris: ["http://localhost/x"],
      postLogoutRedirectUris: [],
    });
    const others = await app.control.backchannelLogout("partner", {
      clientId: "other",
      sub: "seoyeon",
      deliver: false,
    });
    for (const [token, cause] of [
      [idToken, /jti|events/],
      [accessToken, /events|typ/],
      [others.logoutToken, /aud/],
    ] as const) {
      await expectRefused(await post(app.url, "partner", logoutForm(token)), { cause });
    }
    expect((await whoIs(app, user))?.sub).toBe("seoyeon");
    await app.control.removeClient("partner", "other");
  });
});

describe("a logout token that comes again", () => {
  it("is refused, on every instance, and a newer session with the same sid lives", async () => {
    const first = await signedIn(app, { user: "eunji" });
    const { providerSessionId } = await newestSession(app, "eunji");
    const token = await makeToken({ sid: providerSessionId });
    expect((await post(app.url, "company", logoutForm(token))).status).toBe(200);
    // The provider's own session still stands, so the person comes back under the same sid.
    const again = await signedInBeside(app, first);
    expect((await newestSession(app, "eunji")).providerSessionId).toBe(providerSessionId);
    for (const base of [app.url, sibling.url]) {
      const answered = await post(base, "company", logoutForm(token));
      expect(answered.status).toBe(400);
      expect(await lastAudit(app, "sign_out.backchannel_rejected")).toMatchObject({ detail: { cause: "replay" } });
    }
    expect((await whoIs(app, again))?.sub).toBe("eunji");
  });

  it("at once, on two instances, is carried out once", async () => {
    const token = await makeToken({ sid: "at-once" });
    const answers = await Promise.all(
      [app.url, sibling.url, app.url, sibling.url].map((base) => post(base, "company", logoutForm(token))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
  });

  it("its jti is that issuer's own: another provider may use the same", async () => {
    for (const provider of ["company", "partner"]) {
      const token = await makeToken({ provider, sid: "x", mutate: { setClaims: { jti: "shared" } } });
      expect((await post(app.url, provider, logoutForm(token))).status).toBe(200);
    }
  });
});

describe("the back-channel logout route", () => {
  it("takes POST alone", async () => {
    await stay();
    const address = `${app.url}/api/oidc/company/backchannel-logout?${logoutForm(await makeToken())}`;
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]) {
      const answered = await fetch(address, { method, redirect: "manual" });
      expect([method, answered.status, answered.headers.get("allow")]).toEqual([method, 405, "POST"]);
      expect(answered.headers.get("cache-control")).toBe("no-store");
    }
    expect((await whoIs(app, minsu))?.sub).toBe("minsu");
  });

  it("knows its providers", async () => {
    const token = logoutForm(await makeToken({ sid: "x" }));
    for (const provider of ["nobody", "%00", "company%2f..", "__proto__", "COMPANY"]) {
      const answered = await post(app.url, provider, token);
      expect([provider, answered.status]).toEqual([provider, 404]);
    }
    const answered = await post(app.url, "nobody", token);
    expect((await answered.json()).error).toBe("unknown_provider");
    expect(answered.headers.get("cache-control")).toBe("no-store");
  });

  it("refuses bodies that are no such form", async () => {
    await stay();
    const token = await makeToken();
    const form = logoutForm(token);
    const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
    const multipart = new FormData();
    multipart.set("logout_token", token);
    const tries: [NonNullable<RequestInit["body"]>, Record<string, string>, string][] = [
      [JSON.stringify({ logout_token: token }), { "content-type": "application/json" }, "media_type"],
      [form.toString(), { "content-type": "text/plain" }, "media_type"],
      [multipart, {}, "media_type"],
      ["", urlencoded, "logout_token"],
      ["logout_token=", urlencoded, "logout_token"],
      [`${form}&${form}`, urlencoded, "logout_token"],
      [`${form}&logout_token=`, urlencoded, "logout_token"],
      [`logout_token%5B%5D=${token}`, urlencoded, "logout_token"],
      [new Uint8Array(gzipSync(form.toString())), { ...urlencoded, "content-encoding": "gzip" }, "logout_token"],
      [new Uint8Array([0xff, 0xfe, 0x00]), urlencoded, "logout_token"],
      ["logout_token=garbage", urlencoded, "malformed"],
      ["logout_token=a.b.c", urlencoded, "malformed"],
      [`logout_token=${"a".repeat(60_000)}`, urlencoded, "malformed"],
    ];
    for (const [body, headers, cause] of tries)
      await expectRefused(await post(app.url, "company", body, headers), { cause });
    const inQuery = await fetch(`${app.url}/api/oidc/company/backchannel-logout?${form}`, {
      method: "POST",
      headers: urlencoded,
    });
    await expectRefused(inQuery, { cause: "logout_token" });
  });

  it("reads no more than 64 KB", async () => {
    await stay();
    const token = await makeToken();
    for (const size of [64 * 1024, 200_000, 3_000_000]) {
      const answered = await post(app.url, "company", logoutForm(token, { filler: "x".repeat(size) }));
      expect([size, answered.status]).toEqual([size, 413]);
      expect((await answered.json()).error).toBe("payload_too_large");
      expect(answered.headers.get("cache-control")).toBe("no-store");
      expect(await lastAudit(app, "sign_out.backchannel_rejected")).toMatchObject({ reason: "payload_too_large" });
    }
    expect((await whoIs(app, minsu))?.sub).toBe("minsu");
  });

  it("needs no cookie, and heeds none", async () => {
    const user = await signedIn(app, { user: "jiwoo" });
    const { providerSessionId } = await newestSession(app, "jiwoo");
    const answered = await post(app.url, "company", logoutForm(await makeToken({ sid: providerSessionId })), {
      cookie: `${sessionCookie(app.url)}=${minsu.cookie(app.url, sessionCookie(app.url))}`,
      origin: "https://evil.test",
      "sec-fetch-site": "cross-site",
    });
    expect(answered.status).toBe(200);
    expect(answered.headers.getSetCookie()).toEqual([]);
    expect(await whoIs(app, user)).toBeNull();
    await stay();
  });
});

describe("when something is away", () => {
  it.each([
    ["discovery", "provider_unavailable"],
    ["jwks", "provider_unavailable"],
  ] as const)(
    "an instance that cannot have the provider's %s answers 400, and 200 when it can again",
    async (endpoint, reason) => {
      await stay();
      const fresh = await app.startSibling();
      try {
        const form = logoutForm(await makeToken({ sid: `away-${endpoint}` }));
        await app.control.addFault("company", { endpoint, times: null, fault: { kind: "respond", status: 503 } });
        await expectRefused(await post(fresh.url, "company", form), { reason });
        await app.control.clearFaults("company");
        await app.control.addFault("company", { endpoint, times: null, fault: { kind: "hang" } });
        const startedAt = Date.now();
        await expectRefused(await post(fresh.url, "company", form), { reason: "provider_timeout" });
        expect(Date.now() - startedAt).toBeLessThan(10_000);
        await app.control.clearFaults("company");
        // Who asks at once may share the end of the fetch that hung.
        await expect.poll(async () => (await post(fresh.url, "company", form)).status).toBe(200);
      } finally {
        await fresh.stop();
      }
    },
  );

  it("a revocation endpoint that hangs delays no answer", async () => {
    const fault = { kind: "json", set: { scope: "openid" } } as const;
    await app.control.addFault("company", { endpoint: "token", fault });
    const user = await signedIn(app, { user: "jiwoo" });
    const { providerSessionId } = await newestSession(app, "jiwoo");
    await app.control.addFault("company", { endpoint: "revocation", fault: { kind: "hang" } });
    const token = await makeToken({ sid: providerSessionId });
    const startedAt = Date.now();
    expect((await post(app.url, "company", logoutForm(token))).status).toBe(200);
    expect(Date.now() - startedAt).toBeLessThan(1500);
    expect(await whoIs(app, user)).toBeNull();
  });

  it("the database away is a 400 with its audit row later; the same token, sent again, is carried out", async () => {
    const user = await signedIn(app, { user: "haneul" });
    const { providerSessionId } = await newestSession(app, "haneul");
    const form = logoutForm(await makeToken({ sid: providerSessionId }));
    await app.database.cut();
    let answered: Response;
    try {
      answered = await post(app.url, "company", form);
    } finally {
      await app.database.mend();
    }
    expect(answered.status).toBe(400);
    expect((await answered.json()).error).toBe("invalid_request");
    expect(answered.headers.get("cache-control")).toBe("no-store");
    await expect.poll(async () => (await new HttpBrowser().fetch(`${app.url}/readyz`)).status).toBe(200);
    expect((await whoIs(app, user))?.sub).toBe("haneul");
    await expect
      .poll(async () => await lastAudit(app, "sign_out.backchannel_rejected"))
      .toMatchObject({ reason: "database_unavailable", requestId: answered.headers.get("x-request-id") });
    expect((await post(app.url, "company", form)).status).toBe(200);
    expect(await whoIs(app, user)).toBeNull();
  });
});
