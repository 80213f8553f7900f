import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningApp } from "../../dev/app";
import { lastAudit } from "./expectations";
import { clientId, type House, openHouse, signedIn, whoIs } from "./house";
import { HttpBrowser } from "./http-browser";
import { logoutForm, newestSession, post, type SessionRow, signedInBeside } from "./logout-channel";

const event = "http://schemas.openid.net/event/backchannel-logout";

let house: House;
let sibling: RunningApp;
/** Somebody at company who stays signed in through all that is refused, and their session. */
let minsu: HttpBrowser;
let session: SessionRow;
beforeAll(async () => {
  house = await openHouse({ env: { AUTH_PARTNER_BACKCHANNEL_REQUIRE_TYP: "false" } });
  sibling = await house.startSibling();
});
afterEach(async () => {
  for (const id of ["company", "partner"]) await house.control.clearFaults(id);
});
afterAll(() => house.close());

type Mutation = NonNullable<Parameters<House["control"]["backchannelLogout"]>[1]["mutate"]>;

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
  return (await house.control.backchannelLogout(provider, request)).logoutToken;
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
  expect(await lastAudit(house, "sign_out.backchannel_rejected")).toMatchObject({
    outcome: "failure",
    reason,
    requestId: body.request_id,
    ip: expect.any(String),
    ...(cause !== undefined && { detail: { cause: typeof cause === "string" ? cause : expect.stringMatching(cause) } }),
  });
  expect((await whoIs(house, minsu))?.sub).toBe("minsu");
}

async function stay() {
  if (minsu && (await whoIs(house, minsu))) return;
  minsu = await signedIn(house);
  session = await newestSession(house, "minsu");
}

describe("a logout token that is right", () => {
  it("BL-01: as the conformance suite sends it, ends that provider session's sessions everywhere, and nobody else's", async () => {
    await stay();
    const before = Date.now();
    const bound = { endpoint: "token", fault: { kind: "json", set: { scope: "openid profile" } } } as const;
    const first = await signedIn(house, { provider: "partner", person: "seoyeon" });
    await house.control.addFault("partner", bound);
    const second = await signedInBeside(house, first, "partner");
    const [online] = (await house.control.issued("partner")).slice(-1);
    const [elsewhere, stranger] = [
      await signedIn(house, { provider: "partner", person: "seoyeon" }),
      await signedIn(house, { provider: "partner", person: "haneul" }),
    ];
    const rows = await house.rows<SessionRow>(`SELECT * FROM "Session" WHERE subject = 'seoyeon' ORDER BY "createdAt"`);
    expect(rows[0]?.providerSessionId).toBe(rows[1]?.providerSessionId);
    expect(rows[2]?.providerSessionId).not.toBe(rows[0]?.providerSessionId);
    await house.control.clearJournal("partner");

    const sid = rows[0]?.providerSessionId ?? "";
    const mutate = { header: { typ: null }, setClaims: { unknown: { a: [1] } } };
    const token = await makeToken({ provider: "partner", sub: "seoyeon", sid, mutate });
    const answered = await post(house.url, "partner", logoutForm(token, { extra: "field" }));
    expect([answered.status, await answered.text()]).toEqual([200, ""]);
    expect(answered.headers.get("cache-control")).toBe("no-store");

    // At once: nothing that an instance remembers keeps an ended session alive.
    for (const base of [house.url, sibling.url]) {
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
      const [row] = await house.rows<SessionRow>(`SELECT * FROM "Session" WHERE id = $1`, [id]);
      expect(row).toMatchObject({ endReason: "signed_out_by_provider", endedBy: "provider" });
    }
    expect(await lastAudit(house, "sign_out.backchannel")).toMatchObject({
      outcome: "success",
      provider: "partner",
      issuer: house.issuers.partner,
      userId: rows[0]?.userId,
      requestId: answered.headers.get("x-request-id"),
      detail: { by: "sid", count: 2 },
    });
    // Only what was not meant to outlive the session is revoked there; here nothing is left of either.
    const revoked = () => house.control.journal("partner", { endpoint: "revocation" });
    await expect.poll(async () => (await revoked()).map(({ form }) => form.token)).toEqual([online?.refreshToken]);
    expect(
      await house.rows(
        `SELECT 1 FROM "Grant" g JOIN "Session" s ON s.id = g."sessionId" WHERE s."providerSessionId" = $1
         AND (g."sealedRefreshToken" IS NOT NULL OR g."endedAt" IS NULL)`,
        [sid],
      ),
    ).toEqual([]);
    const [kept] = await house.rows<{ hours: number }>(
      `SELECT extract(epoch FROM "expiresAt" - "receivedAt") / 3600 AS hours FROM "LogoutToken" WHERE "receivedAt" >= $1`,
      [new Date(before)],
    );
    expect(Number(kept?.hours)).toBe(2);
  });

  it("ends nothing and is carried out all the same when nobody has such a session", async () => {
    await stay();
    const answered = await post(house.url, "company", logoutForm(await makeToken({ sid: "nobody-has-this" })));
    expect(answered.status).toBe(200);
    expect((await lastAudit(house, "sign_out.backchannel"))?.detail).toEqual({ by: "sid", count: 0 });
    expect((await whoIs(house, minsu))?.sub).toBe("minsu");
  });

  it("by sub alone, ends that subject's sessions that began before it, on all devices, and only at that provider", async () => {
    const [first, second] = [await signedIn(house, { person: "haneul" }), await signedIn(house, { person: "haneul" })];
    const namesake = await signedIn(house, { provider: "partner", person: "haneul" });
    const tooEarly = await makeToken({
      sub: "haneul",
      mutate: { setClaims: { iat: Math.floor(Date.now() / 1000) - 200 } },
    });
    expect((await post(house.url, "company", logoutForm(tooEarly))).status).toBe(200);
    expect((await lastAudit(house, "sign_out.backchannel"))?.detail).toEqual({ by: "sub", count: 0 });
    for (const browser of [first, second, namesake]) expect((await whoIs(house, browser))?.sub).toBe("haneul");

    expect((await post(sibling.url, "company", logoutForm(await makeToken({ sub: "haneul" })))).status).toBe(200);
    expect((await lastAudit(house, "sign_out.backchannel"))?.detail).toEqual({ by: "sub", count: 2 });
    for (const browser of [first, second]) expect(await whoIs(house, browser)).toBeNull();
    expect((await whoIs(house, namesake))?.sub).toBe("haneul");
  });

  it("with the sid of one person and the sub of another, ends neither's sessions", async () => {
    await stay();
    const token = await makeToken({ sub: "eunji", sid: session.providerSessionId });
    expect((await post(house.url, "company", logoutForm(token))).status).toBe(200);
    expect((await whoIs(house, minsu))?.sub).toBe("minsu");
  });

  it("DJ-02: signed by a key of a minute ago is verified after the provider changed its keys", async () => {
    const browser = await signedIn(house, { person: "maximilian" });
    const { providerSessionId } = await newestSession(house, "maximilian");
    await house.control.rotateKeys("company", { keepOld: false });
    const token = await makeToken({ sid: providerSessionId });
    expect((await post(house.url, "company", logoutForm(token))).status).toBe(200);
    expect(await whoIs(house, browser)).toBeNull();
  });

  it("comes after a sign-out at the provider that began here, for a session that has ended already", async () => {
    const browser = await signedIn(house, { person: "jiwoo" });
    const { id } = await newestSession(house, "jiwoo");
    const left = await browser.submit(await browser.request(`${house.url}/sign-out`), 'data-scope="provider"');
    const back = await browser.visit(left.location ?? "");
    await expect
      .poll(async () => (await house.control.issued("company")).filter(({ kind }) => kind === "logout_token").length)
      .toBeGreaterThan(0);
    expect(back.status).toBe(200);
    await expect
      .poll(async () => (await lastAudit(house, "sign_out.backchannel"))?.detail)
      .toEqual({ by: "sid", count: 0 });
    const [row] = await house.rows<SessionRow>(`SELECT * FROM "Session" WHERE id = $1`, [id]);
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
  ])("BL-02: typ %s is answered %i where it is required and %i where it is not", async (typ, company, partner) => {
    await stay();
    const mutate = { header: { typ } };
    for (const [provider, expected] of [
      ["company", company],
      ["partner", partner],
    ] as const) {
      const token = await makeToken({ provider, sid: `nobody-${typ}`, mutate });
      const answered = await post(house.url, provider, logoutForm(token));
      if (expected === 200) expect(answered.status).toBe(200);
      else await expectRefused(answered, { cause: "typ" });
    }
  });

  it.each([
    ["none", "alg"],
    ["es256", "alg"],
    ["hs256", "alg"],
    ["hs256-public-key", "alg"],
    ["broken", "signature"],
    ["other-key", "signature"],
    ["unknown-kid", "signature"],
  ] as const)("BL-03: signed with %s is refused, and nothing ends", async (signWith, cause) => {
    await stay();
    await expectRefused(await post(house.url, "company", logoutForm(await makeToken({ mutate: { signWith } }))), {
      cause,
    });
  });

  it("BL-04: of another issuer or audience is refused; one of several audiences is enough", async () => {
    await stay();
    const { company } = house.issuers;
    for (const [setClaims, cause] of [
      [{ iss: `${company}INVALID` }, "iss"],
      [{ aud: `${clientId}INVALID` }, "aud"],
      [{ aud: ["other"] }, "aud"],
    ] as const) {
      const answered = await post(house.url, "company", logoutForm(await makeToken({ mutate: { setClaims } })));
      await expectRefused(answered, { cause });
    }
    const several = { mutate: { setClaims: { aud: ["other", clientId] } } };
    expect((await post(house.url, "company", logoutForm(await makeToken(several)))).status).toBe(200);
    expect(await whoIs(house, minsu)).toBeNull();
  });

  it("BL-04: a provider ends no session of another provider, at whichever door", async () => {
    await stay();
    const names = { sub: "minsu", sid: session.providerSessionId };
    const foreign = await makeToken({ provider: "partner", ...names });
    await expectRefused(await post(house.url, "company", logoutForm(foreign)), { cause: "signature" });
    expect((await post(house.url, "partner", logoutForm(foreign))).status).toBe(200);
    const disguised = await makeToken({
      provider: "partner",
      ...names,
      mutate: { setClaims: { iss: house.issuers.company } },
    });
    await expectRefused(await post(house.url, "company", logoutForm(disguised)), { cause: "signature" });
    await expectRefused(await post(house.url, "partner", logoutForm(disguised)), { cause: "iss" });
    await expectRefused(await post(house.url, "partner", logoutForm(await makeToken())), { cause: "signature" });
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
  ])("BL-06: with %s is refused", async (_what, mutate, cause) => {
    await stay();
    await expectRefused(await post(house.url, "company", logoutForm(await makeToken({ mutate }))), { cause });
  });

  it("BL-09: too old, too early or too long-lived is refused", async () => {
    await stay();
    const now = Math.floor(Date.now() / 1000);
    for (const [setClaims, reason, cause] of [
      [{ exp: now - 180 }, "invalid_request", "exp"],
      [{ iat: now - 3600 }, "invalid_request", "iat_old"],
      [{ iat: now + 600, exp: now + 700 }, "clock_skew", "iat_ahead"],
      [{ exp: now + 365 * 86_400 }, "invalid_request", "exp_far"],
    ] as const) {
      const answered = await post(house.url, "company", logoutForm(await makeToken({ mutate: { setClaims } })));
      await expectRefused(answered, { reason, cause });
    }
  });

  it("BL-09: an ID token, an access token or another client's logout token is none for us", async () => {
    await stay();
    const person = await signedIn(house, { provider: "partner", person: "seoyeon" });
    const idToken = (await house.control.issued("partner")).at(-1)?.idToken ?? "";
    const claims = {
      iss: house.issuers.partner,
      aud: clientId,
      sub: "seoyeon",
      iat: 0,
      exp: 0,
      jti: "at",
      client_id: clientId,
    };
    claims.iat = Math.floor(Date.now() / 1000);
    claims.exp = claims.iat + 60;
    const accessToken = await house.control.sign("partner", { claims, header: { typ: "at+jwt" } });
    await house.control.putClient("partner", {
      clientId: "other",
      clientSecret: "x".repeat(32),
      redirectUris: ["http://localhost/x"],
      postLogoutRedirectUris: [],
    });
    const others = await house.control.backchannelLogout("partner", {
      clientId: "other",
      sub: "seoyeon",
      deliver: false,
    });
    for (const [token, cause] of [
      [idToken, /jti|events/],
      [accessToken, /events|typ/],
      [others.logoutToken, /aud/],
    ] as const) {
      await expectRefused(await post(house.url, "partner", logoutForm(token)), { cause });
    }
    expect((await whoIs(house, person))?.sub).toBe("seoyeon");
    await house.control.removeClient("partner", "other");
  });
});

describe("a logout token that comes again", () => {
  it("is refused, on every instance, and a newer session with the same sid lives", async () => {
    const first = await signedIn(house, { person: "eunji" });
    const { providerSessionId } = await newestSession(house, "eunji");
    const token = await makeToken({ sid: providerSessionId });
    expect((await post(house.url, "company", logoutForm(token))).status).toBe(200);
    // The provider's own session still stands, so the person comes back under the same sid.
    const again = await signedInBeside(house, first);
    expect((await newestSession(house, "eunji")).providerSessionId).toBe(providerSessionId);
    for (const base of [house.url, sibling.url]) {
      const answered = await post(base, "company", logoutForm(token));
      expect(answered.status).toBe(400);
      expect(await lastAudit(house, "sign_out.backchannel_rejected")).toMatchObject({ detail: { cause: "replay" } });
    }
    expect((await whoIs(house, again))?.sub).toBe("eunji");
  });

  it("at once, on two instances, is carried out once", async () => {
    const token = await makeToken({ sid: "at-once" });
    const answers = await Promise.all(
      [house.url, sibling.url, house.url, sibling.url].map((base) => post(base, "company", logoutForm(token))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
  });

  it("its jti is that issuer's own: another provider may use the same", async () => {
    for (const provider of ["company", "partner"]) {
      const token = await makeToken({ provider, sid: "x", mutate: { setClaims: { jti: "shared" } } });
      expect((await post(house.url, provider, logoutForm(token))).status).toBe(200);
    }
  });
});

describe("the door", () => {
  it("takes POST alone", async () => {
    await stay();
    const address = `${house.url}/api/oidc/company/backchannel-logout?${logoutForm(await makeToken())}`;
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]) {
      const answered = await fetch(address, { method, redirect: "manual" });
      expect([method, answered.status, answered.headers.get("allow")]).toEqual([method, 405, "POST"]);
      expect(answered.headers.get("cache-control")).toBe("no-store");
    }
    expect((await whoIs(house, minsu))?.sub).toBe("minsu");
  });

  it("knows its providers", async () => {
    const token = logoutForm(await makeToken({ sid: "x" }));
    for (const provider of ["nobody", "%00", "company%2f..", "__proto__", "COMPANY"]) {
      const answered = await post(house.url, provider, token);
      expect([provider, answered.status]).toEqual([provider, 404]);
    }
    const answered = await post(house.url, "nobody", token);
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
      await expectRefused(await post(house.url, "company", body, headers), { cause });
    const inQuery = await fetch(`${house.url}/api/oidc/company/backchannel-logout?${form}`, {
      method: "POST",
      headers: urlencoded,
    });
    await expectRefused(inQuery, { cause: "logout_token" });
  });

  it("reads no more than 64 KB", async () => {
    await stay();
    const token = await makeToken();
    for (const size of [64 * 1024, 200_000, 3_000_000]) {
      const answered = await post(house.url, "company", logoutForm(token, { filler: "x".repeat(size) }));
      expect([size, answered.status]).toEqual([size, 413]);
      expect((await answered.json()).error).toBe("payload_too_large");
      expect(answered.headers.get("cache-control")).toBe("no-store");
      expect(await lastAudit(house, "sign_out.backchannel_rejected")).toMatchObject({ reason: "payload_too_large" });
    }
    expect((await whoIs(house, minsu))?.sub).toBe("minsu");
  });

  it("needs no cookie, and heeds none", async () => {
    const person = await signedIn(house, { person: "jiwoo" });
    const { providerSessionId } = await newestSession(house, "jiwoo");
    const answered = await post(house.url, "company", logoutForm(await makeToken({ sid: providerSessionId })), {
      cookie: `daemun.session=${minsu.cookie(house.url, "daemun.session")}`,
      origin: "https://evil.test",
      "sec-fetch-site": "cross-site",
    });
    expect(answered.status).toBe(200);
    expect(answered.headers.getSetCookie()).toEqual([]);
    expect(await whoIs(house, person)).toBeNull();
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
      const fresh = await house.startSibling();
      try {
        const form = logoutForm(await makeToken({ sid: `away-${endpoint}` }));
        await house.control.addFault("company", { endpoint, times: null, fault: { kind: "respond", status: 503 } });
        await expectRefused(await post(fresh.url, "company", form), { reason });
        await house.control.clearFaults("company");
        await house.control.addFault("company", { endpoint, times: null, fault: { kind: "hang" } });
        const startedAt = Date.now();
        await expectRefused(await post(fresh.url, "company", form), { reason: "provider_timeout" });
        expect(Date.now() - startedAt).toBeLessThan(10_000);
        await house.control.clearFaults("company");
        expect((await post(fresh.url, "company", form)).status).toBe(200);
      } finally {
        await fresh.stop();
      }
    },
  );

  it("a revocation endpoint that hangs delays no answer", async () => {
    const fault = { kind: "json", set: { scope: "openid" } } as const;
    await house.control.addFault("company", { endpoint: "token", fault });
    const person = await signedIn(house, { person: "jiwoo" });
    const { providerSessionId } = await newestSession(house, "jiwoo");
    await house.control.addFault("company", { endpoint: "revocation", fault: { kind: "hang" } });
    const token = await makeToken({ sid: providerSessionId });
    const startedAt = Date.now();
    expect((await post(house.url, "company", logoutForm(token))).status).toBe(200);
    expect(Date.now() - startedAt).toBeLessThan(1500);
    expect(await whoIs(house, person)).toBeNull();
  });

  it("the database away is a 400 with its audit row later; the same token, sent again, is carried out", async () => {
    const person = await signedIn(house, { person: "haneul" });
    const { providerSessionId } = await newestSession(house, "haneul");
    const form = logoutForm(await makeToken({ sid: providerSessionId }));
    await house.database.cut();
    let answered: Response;
    try {
      answered = await post(house.url, "company", form);
    } finally {
      await house.database.mend();
    }
    expect(answered.status).toBe(400);
    expect((await answered.json()).error).toBe("invalid_request");
    expect(answered.headers.get("cache-control")).toBe("no-store");
    await expect
      .poll(async () => (await new HttpBrowser().fetch(`${house.url}/readyz`)).status, { timeout: 15_000 })
      .toBe(200);
    expect((await whoIs(house, person))?.sub).toBe("haneul");
    await expect
      .poll(async () => await lastAudit(house, "sign_out.backchannel_rejected"), { timeout: 20_000 })
      .toMatchObject({ reason: "database_unavailable", requestId: answered.headers.get("x-request-id") });
    expect((await post(house.url, "company", form)).status).toBe(200);
    expect(await whoIs(house, person)).toBeNull();
  });
});
