import { NextRequest } from "next/server";
import { describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { createGateHandler } from "./answer";
import { createSessionCookieCodec, type SessionClaims } from "./session-cookie";

const secrets = ["4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e"];
const answer = createGateHandler(daemun, { secrets, secure: false });
const codec = createSessionCookieCodec(secrets, false);
const seconds = Math.floor(Date.now() / 1000);

const user: SessionClaims = {
  sub: "user-1",
  sid: "session-1",
  provider: "company",
  roles: [],
  authTime: seconds - 900,
  issuedAt: seconds - 900,
  idleSeconds: 1800,
  idleDeadline: seconds + 960,
  absoluteDeadline: seconds + 43_200,
};

async function ask(
  path: string,
  { session, mode = "navigate", rsc }: { session?: string; mode?: string; rsc?: string } = {},
) {
  const headers = {
    "Sec-Fetch-Mode": mode,
    ...(session && { Cookie: `${codec.name}=${session}` }),
    ...(rsc && { RSC: rsc }),
  };
  return answer(new NextRequest(`http://localhost:3000${path}`, { headers }));
}

describe("what the gate answers", () => {
  it.each([
    ["/sign-in", undefined, "daemun.browser"],
    ["/sign-out", undefined, "daemun.browser"],
    ["/", "garbage", "daemun.session"],
    ["/icon.svg", "garbage", "daemun.session"],
    ["/robots.txt", "garbage", "daemun.session"],
    ["/healthz", "garbage", "daemun.session"],
    ["/api/session", "garbage", "daemun.session"],
    ["/account", "garbage", "daemun.session"],
    ["/account", "valid", "daemun.session"],
  ])("HC-02: at %s with session %s the cookie that it sets is for nobody's cache", async (path, session, cookie) => {
    const value = session === "valid" ? await codec.seal(user) : session;
    for (const mode of ["navigate", "cors"]) {
      // A page's script makes no person active, so that nothing is re-issued for it.
      if (session === "valid" && mode === "cors") continue;
      const response = await ask(path, { mode, ...(value && { session: value }) });
      expect(response.cookies.getAll().map(({ name }) => name)).toContain(cookie);
      expect(response.headers.get("cache-control")).toBe("private, no-store");
    }
  });

  it.each(["/api/auth/%zz", "/api/tokens/%", "/api/oidc/%ff/backchannel-logout", "/api/%c0%af"])(
    "%s cannot be decoded and is refused, where Next would fail",
    async (path) => {
      const refused = await answer(new NextRequest(`http://localhost:3000${path}`));
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ error: "invalid_request" }),
      ]);
      expect(refused.headers.get("cache-control")).toBe("private, no-store");
    },
  );

  it("HC-02: what is the same for everybody keeps its own caching, and carries no cookie", async () => {
    for (const session of [undefined, await codec.seal(user)]) {
      for (const path of ["/icon.svg", "/robots.txt", "/"]) {
        const response = await ask(path, session ? { session } : {});
        expect(response.headers.getSetCookie()).toEqual([]);
        expect(response.headers.get("cache-control")).toBeNull();
      }
    }
  });

  it("HC-02: what the router asks for is for nobody's cache, since Next may answer it with a redirect of its own", async () => {
    for (const path of ["/", "/icon.svg", "/healthz"]) {
      for (const rsc of ["1", "0"]) {
        expect((await ask(path, { rsc, mode: "cors" })).headers.get("cache-control")).toBe("private, no-store");
      }
    }
  });

  it("HC-01: whatever is gated is for nobody's cache: let through, turned away, or refused", async () => {
    for (const [path, session] of [
      ["/account", await codec.seal(user)],
      ["/api/me", await codec.seal(user)],
      ["/admin", await codec.seal(user)],
      ["/account", undefined],
    ] as const) {
      const response = await ask(path, session ? { session } : {});
      expect(response.headers.get("cache-control")).toBe("private, no-store");
    }
  });

  it("re-issues no session cookie while a sign-in is under way in this browser, whose answer could be the earlier one", async () => {
    const session = `${codec.name}=${await codec.seal(user)}`;
    const setBy = async (cookie: string) => {
      const headers = { "Sec-Fetch-Mode": "navigate", Cookie: cookie };
      return (await answer(new NextRequest("http://localhost:3000/account", { headers }))).cookies.get(codec.name);
    };
    expect(await setBy(session)).toBeDefined();
    expect(await setBy(`${session}; daemun.tx.0123456789abcdef=x`)).toBeUndefined();
    expect(await setBy(`${session}; __Host-daemun.tx.0123456789abcdef=x`)).toBeUndefined();
    // Connecting a service ends in no other session.
    expect(await setBy(`${session}; daemun.tx.connect.0123456789abcdef=x`)).toBeDefined();
  });

  it.each([
    ["/api/denied", "valid"],
    ["/api/me", "valid"],
    ["/api/session", undefined],
    ["/api/me", "over"],
  ])("tells the server nothing in its own name that came from outside: %s with session %s", async (path, session) => {
    const claims = session === "over" ? { ...user, absoluteDeadline: seconds - 1 } : user;
    const headers = {
      "Sec-Fetch-Mode": "cors",
      "X-Daemun-Denied": "1",
      "X-Daemun-Path": "/made-up",
      ...(session && { Cookie: `${codec.name}=${await codec.seal(claims)}` }),
    };
    const response = await answer(new NextRequest(`http://localhost:3000${path}`, { headers }));
    const passedOn = response.headers.get("x-middleware-override-headers")?.split(",") ?? null;
    expect(passedOn).toContain("sec-fetch-mode");
    expect(passedOn).not.toContain("x-daemun-denied");
    expect(passedOn).not.toContain("x-daemun-path");
  });
});

describe("FF-69: the gate of an address that hands answers on", () => {
  const at = createGateHandler(daemun, {
    secrets,
    secure: true,
    authUrl: "https://stable.test",
    aliases: ["https://second.test"],
    handsOn: true,
  });
  const open = (host: string, path: string) =>
    at(new NextRequest(`https://${host}${path}`, { headers: { Host: host, "Sec-Fetch-Mode": "navigate" } }));

  it("FF-69: lets a browser without a session through to where a service's answer is handed on, and nowhere else", async () => {
    const passes = async (path: string) => (await open("stable.test", path)).headers.get("x-middleware-next") === "1";
    expect(await passes("/api/connect/notes/callback?code=a&state=b")).toBe(true);
    for (const path of ["/api/connect/notes", "/api/connect/a/b/callback", "/api/connect/notes/callback/x", "/account"])
      expect(await passes(path), path).toBe(false);
    const answered = await ask("/api/connect/notes/callback?code=a&state=b");
    expect(answered.headers.get("location")).toContain("/sign-in");
  });

  it("FF-69: leaves people at an alias, and sends those on who are at any other address", async () => {
    expect((await open("second.test", "/sign-in")).status).toBe(200);
    expect((await open("second.test", "/account")).headers.get("location")).toMatch(/^https:\/\/second\.test\/sign-in/);
    expect((await open("third.test", "/account")).headers.get("location")).toBe("https://stable.test/account");
  });
});

it("a client without a token is told where it learns how to get one, and a person goes to sign in", async () => {
  const gates = [{ path: "/api/stock/*", access: "session", bearer: true } as const, ...daemun.gates];
  const there = createGateHandler({ ...daemun, gates }, { secrets, secure: true, authUrl: "https://app.example" });
  const request = (path: string, mode: string) =>
    there(new NextRequest(`https://app.example${path}`, { headers: { "Sec-Fetch-Mode": mode, Host: "app.example" } }));
  const refused = await request("/api/stock/1", "cors");
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
    401,
    'Bearer resource_metadata="https://app.example/.well-known/oauth-protected-resource/api/stock"',
  ]);
  expect((await request("/api/me", "cors")).headers.get("www-authenticate")).toBeNull();
  const person = await request("/api/stock/1", "navigate");
  expect([person.status, person.headers.get("www-authenticate")]).toEqual([307, null]);
});
