import { afterEach, beforeEach, expect, it, vi } from "vitest";

const state = vi.hoisted(() => ({ context: {} as object | null, sid: "one", reads: 0, ended: null as Date | null }));

vi.mock("next/headers", () => ({
  cookies: async () => ({ get: () => undefined }),
  headers: async () => new Headers(),
}));
vi.mock("../cookies/session-cookies", () => ({ readSessionClaims: async () => ({ sid: state.sid, sub: "u1" }) }));
vi.mock("../../http/request-context", () => ({ getRequestContext: () => state.context }));
vi.mock("./recheck", () => ({ recheckLater: () => {} }));
vi.mock("./held-roles", () => ({ heldRoles: () => [] }));
vi.mock("../../audit/audit", () => ({ auditAtOnce: async () => {}, hashSessionId: (sid: string) => `hash of ${sid}` }));
vi.mock("../../db/client", () => ({
  db: {},
  readShared: async () => {
    state.reads += 1;
    const later = new Date(Date.now() + 3_600_000);
    return {
      id: `row of ${state.sid}`,
      sessionToken: state.sid,
      userId: "u1",
      user: { id: "u1", name: null, email: null, emailVerified: null, image: null, disabledAt: null },
      claims: {},
      appClaims: null,
      organization: null,
      organizationNames: null,
      expires: later,
      idleExpiresAt: later,
      idleSeconds: 3600,
      lastActiveAt: new Date(),
      endedAt: state.ended,
      endReason: state.ended && "session_revoked",
    };
  },
}));

const { readJudgedSession, readSession } = await import("./session-state");

beforeEach(() => {
  Object.assign(state, { context: {}, sid: "one", reads: 0, ended: null });
});

afterEach(() => {
  vi.restoreAllMocks();
});

it("a handler that was let in by its session does not ask the registry once more for a token", async () => {
  const first = await readSession();
  expect(await readJudgedSession()).toBe(first);
  expect(state.reads).toBe(1);
});

it("a handler that asks for a token at once has its session judged", async () => {
  expect((await readJudgedSession()).kind).toBe("active");
  expect(state.reads).toBe(1);
});

it("another request, another session, and a host without requests have it judged again", async () => {
  await readSession();
  state.sid = "two";
  expect(await readJudgedSession()).toMatchObject({ session: { id: "row of two" } });
  state.context = {};
  await readJudgedSession();
  expect(state.reads).toBe(3);
  state.context = null;
  await readSession();
  await readJudgedSession();
  expect(state.reads).toBe(5);
});

it("a handler that streams for longer than a second has it judged again, and is told that it has ended", async () => {
  await readSession();
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + 1_001);
  state.ended = new Date();
  expect(await readJudgedSession()).toEqual({ kind: "ended", code: "session_revoked" });
});

it("who asks for the session itself always has it judged", async () => {
  await readSession();
  state.ended = new Date();
  expect((await readSession()).kind).toBe("ended");
  // What was judged last counts, and no active session of before.
  expect((await readJudgedSession()).kind).toBe("ended");
});
