import { describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { createGate, type GateDecision } from "./gate";
import { createSessionCookieCodec, type SessionClaims } from "./session-cookie";

const now = new Date("2026-11-21T12:00:00Z");
const seconds = now.getTime() / 1000;
const codec = createSessionCookieCodec(["4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e"], false);
const decide = createGate(daemun, codec);

const user: SessionClaims = {
  sub: "user-1",
  sid: "session-1",
  provider: "company",
  roles: [],
  authTime: seconds,
  issuedAt: seconds,
  idleSeconds: 1800,
  idleDeadline: seconds + 1860,
  absoluteDeadline: seconds + 43_200,
};

async function at(
  path: string,
  claims: SessionClaims | null,
  headers: Record<string, string> = {},
  when = now,
): Promise<GateDecision> {
  const cookie = claims ? await codec.seal(claims) : undefined;
  return decide({ path, headers: new Headers(headers), cookie }, when);
}

const navigation = { "sec-fetch-mode": "navigate" };

describe("the gate", () => {
  it.each(["/", "/sign-in", "/signed-out", "/api/auth/session", "/api/session", "/healthz"])(
    "lets anyone pass to %s",
    async (path) => {
      expect((await at(path, null)).kind).toBe("pass");
    },
  );

  it.each([
    "/account",
    "/nowhere",
    "/api/me",
    "/admin",
    "/sign-in/x",
    "/api/session/keep-alive",
    "/api/authx",
    "/%2e%2e/",
    "/sign-in%2f..%2faccount",
    "/healthz/../account",
    "/%",
    "/account.rsc",
  ])("asks anyone at %s to sign in", async (path) => {
    expect(await at(path, null)).toEqual({ kind: "sign-in", code: "not_authenticated", clear: false });
  });

  it("lets somebody signed in pass, and refuses a role that they lack", async () => {
    expect(await at("/account", user)).toMatchObject({ kind: "pass", gated: true });
    expect(await at("/admin/users", user)).toEqual({ kind: "refuse", code: "forbidden" });
    expect((await at("/admin/users", { ...user, roles: ["admin"] })).kind).toBe("pass");
  });

  it.each(["/%61dmin", "/a/../admin", "//admin", "/%2561dmin/../admin", "/admin%2fusers", "/x%2f..%2fadmin"])(
    "MW-02: %s is no way round the gate of /admin",
    async (path) => {
      expect((await at(path, user)).kind).toBe("refuse");
    },
  );

  it("leaves the idle deadline to the registry, without rolling it, and ends at the absolute one", async () => {
    const later = new Date((seconds + 2000) * 1000);
    expect(await at("/account", user, navigation, later)).toEqual({
      kind: "pass",
      gated: true,
      reissue: null,
      clear: false,
    });
    const muchLater = new Date((seconds + 50_000) * 1000);
    expect(await at("/account", user, navigation, muchLater)).toEqual({
      kind: "sign-in",
      code: "session_expired",
      clear: false,
    });
  });

  it("takes a cookie away that opens nothing, on public pages too", async () => {
    const decision = await decide({ path: "/", headers: new Headers(), cookie: "garbage" }, now);
    expect(decision).toMatchObject({ kind: "pass", clear: true });
  });

  it("renews the cookie of a person who navigates, at most once a minute, never past the absolute deadline", async () => {
    const soon = new Date((seconds + 30) * 1000);
    expect(await at("/account", user, navigation, soon)).toMatchObject({ reissue: null });
    const later = new Date((seconds + 61) * 1000);
    expect(await at("/account", user, navigation, later)).toMatchObject({
      reissue: {
        sid: "session-1",
        issuedAt: seconds + 61,
        idleDeadline: seconds + 61 + 1860,
        absoluteDeadline: seconds + 43_200,
      },
    });
    const ending = { ...user, idleDeadline: seconds + 43_200 };
    const nearEnd = new Date((seconds + 43_100) * 1000);
    expect(await at("/account", ending, navigation, nearEnd)).toMatchObject({
      reissue: { idleDeadline: seconds + 43_200 },
    });
  });

  it.each([
    ["a prefetch", { ...navigation, "sec-purpose": "prefetch" }],
    ["a router prefetch", { rsc: "1", "next-router-prefetch": "1" }],
    ["a poll", { "sec-fetch-mode": "cors" }],
  ])("does not take %s for a person", async (_what, headers) => {
    const later = new Date((seconds + 61) * 1000);
    expect(await at("/account", user, headers, later)).toMatchObject({ kind: "pass", reissue: null });
  });
});

describe("a gate that lets access tokens pass", () => {
  const gates = [{ path: "/api/stock/*", access: "session", bearer: true } as const, ...daemun.gates];
  const decideThere = createGate({ gates }, codec);
  const withToken = (path: string, authorization: string, cookie?: string) =>
    decideThere({ path, headers: new Headers({ authorization }), cookie }, now);

  it.each(["Bearer abc", "DPoP abc", "Bearer"])(
    "hands %s to the route, and re-issues no cookie",
    async (authorization) => {
      expect(await withToken("/api/stock/1", authorization)).toEqual({
        kind: "pass",
        gated: true,
        reissue: null,
        clear: false,
      });
      // What stands beside it the route refuses.
      expect((await withToken("/api/stock", authorization, "garbage")).kind).toBe("pass");
    },
  );

  it("wants a session of whoever brings none, or something else", async () => {
    for (const authorization of ["", "Basic abc"])
      expect(await withToken("/api/stock", authorization)).toMatchObject({ kind: "sign-in" });
  });

  it.each([
    "/api/me",
    "/api/stocks",
    "/account",
    "/api/stock%2f..%2f..%2faccount",
    "/api/stock/..%2f..%2faccount",
    "//api/stock",
  ])("is not the gate of %s", async (path) => {
    expect((await withToken(path, "Bearer abc")).kind).toBe("sign-in");
  });
});
