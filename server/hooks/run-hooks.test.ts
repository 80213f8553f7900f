import { afterEach, expect, it, vi } from "vitest";
import type { Hooks } from "@/edge/hooks";
import type { AuditRow } from "../audit/write-bounded";
import { log } from "../http/log";
import { tellHooks } from "./run-hooks";

afterEach(() => vi.restoreAllMocks());

const row = (event: string, more: Partial<AuditRow> = {}): AuditRow => ({
  at: new Date(0),
  event,
  outcome: "success",
  userId: "user-1",
  provider: "company",
  issuer: "https://i.example",
  sessionHash: "hash",
  requestId: "request-1",
  detail: {},
  ...more,
});

/** What each hook is told of rows. */
async function told(...rows: AuditRow[]): Promise<[string, unknown][]> {
  const calls: [string, unknown][] = [];
  const hooks = new Proxy<Hooks>({}, { get: (_, name) => (event: unknown) => void calls.push([String(name), event]) });
  tellHooks(rows, hooks);
  await new Promise((resolve) => setImmediate(resolve));
  return calls;
}

const common = { at: new Date(0), requestId: "request-1", userId: "user-1" };

it("a sign-in, a link, a device and a refresh are told as what they are, and nothing more of them", async () => {
  const secret = { accessToken: "t", sub: "s", place: "x" };
  expect(
    await told(
      row("sign_in.succeeded", { detail: { ...secret, first: true } }),
      row("account.linked", { detail: secret }),
      row("session.new_device", { detail: { ...secret, country: "KR", city: "Seoul" }, userAgent: "nothing known" }),
      row("token.refreshed", { detail: { ...secret, resource: "https://api.example", organization: null } }),
    ),
  ).toEqual([
    ["onSignedIn", { ...common, provider: "company", issuer: "https://i.example", session: "hash", first: true }],
    ["onLinked", { ...common, provider: "company", issuer: "https://i.example" }],
    ["onNewDevice", { ...common, provider: "company", session: "hash", device: null, country: "KR", city: "Seoul" }],
    ["onTokenRefreshed", { ...common, provider: "company", resource: "https://api.example", organization: null }],
  ]);
});

it.each([
  ["sign_out", {}, "user"],
  ["sign_out.backchannel", {}, "provider"],
  ["session.expired", { reason: "session_idle" }, "expired"],
  ["session.revoked", { reason: "session_revoked" }, "revoked"],
  ["session.revoked", { reason: "signed_out_by_provider" }, "provider"],
])("%s is told as a sign-out, with who did it", async (event, more, by) => {
  expect(await told(row(event, { ...more, detail: { count: 2 } }))).toEqual([
    ["onSignedOut", { ...common, provider: "company", session: "hash", by, sessions: 2 }],
  ]);
});

it("what failed, what ended nothing, and what has no hook is not told", async () => {
  expect(
    await told(
      row("account.linked", { outcome: "failure" }),
      row("sign_out.backchannel", { detail: { count: 0 } }),
      row("account.exported"),
      row("sign_in.succeeded", { userId: null }),
    ),
  ).toEqual([]);
});

it("a deletion is told, though nobody is left to be asked about", async () => {
  expect(await told(row("account.deleted", { provider: null }))).toEqual([["onAccountDeleted", common]]);
});

it("hooks that throw and hang are told once each, and keep no other from being called", async () => {
  const logged = vi.spyOn(log, "error").mockImplementation(() => {});
  const linked = vi.fn();
  tellHooks(
    [row("sign_in.succeeded"), row("sign_out"), row("account.linked")],
    {
      onSignedIn: () => {
        throw new Error("broken");
      },
      onSignedOut: () => new Promise(() => {}),
      onLinked: linked,
    },
    { timeoutMs: 30 },
  );
  await expect.poll(() => logged.mock.calls.length).toBe(2);
  expect(linked).toHaveBeenCalledOnce();
  expect(logged.mock.calls.map(([event, fields]) => [event, (fields as { hook: string }).hook])).toEqual([
    ["hook.failed", "onSignedIn"],
    ["hook.failed", "onSignedOut"],
  ]);
});
