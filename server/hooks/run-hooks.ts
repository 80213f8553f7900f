import "server-only";
import daemunHooks from "@/daemun.hooks";
import type { Hooks } from "@/edge/hooks";
import { listenToAudit } from "../audit/listeners";
import { isForWebhook } from "../audit/webhook-messages";
import type { AuditRow } from "../audit/write-bounded";
import { afterResponse } from "../http/after-response";
import { inTime } from "../http/deadline";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import { count } from "../telemetry/meters";
import { deliverDue } from "../webhooks/deliver";
import { deliverSoon } from "../webhooks/deliver-soon";
import { callHook, type HookCall, hookCallOf } from "./hook-calls";

const hookTimeoutMs = 5_000;
// The clean-up ends sessions by the hundred: an app's own code is not called for all of them at once.
const atOnce = 10;

const commandMs = 3_000;

const underWay = () => inProcess("hooks.under-way", () => new Set<Promise<void>>());

/** Has this process call the app's hooks, and send to its webhook, for what happens from now on. May be called again. */
export function listenToEvents(): void {
  listenToAudit("hooks", (rows) => tellHooks(rows));
  listenToAudit("webhooks", (rows) => {
    if (rows.some(isForWebhook)) deliverSoon();
  });
}

/** The same for a command, whose end is the end of its process: runs `work`, and then waits for what it has caused. */
export async function withEvents(work: () => Promise<void>): Promise<void> {
  listenToAudit("hooks", (rows) => tellHooks(rows));
  await work();
  await Promise.all(underWay());
  // What cannot be sent by then, the app sends.
  await deliverDue(Date.now() + commandMs).catch(() => {});
}

/** Calls the hooks of audit rows once the response has gone out. One that throws or hangs is a line in the log. Never throws. */
export function tellHooks(
  rows: readonly AuditRow[],
  hooks: Hooks = daemunHooks,
  { timeoutMs = hookTimeoutMs }: { timeoutMs?: number } = {},
): void {
  const calls = rows.flatMap((row) => hookCallOf(row) ?? []).filter(({ name }) => hooks[name] !== undefined);
  if (calls.length === 0) return;
  afterResponse(() => {
    const work = callAll(calls, hooks, timeoutMs).finally(() => underWay().delete(work));
    underWay().add(work);
    return work;
  });
}

async function callAll(calls: readonly HookCall[], hooks: Hooks, timeoutMs: number): Promise<void> {
  const left = [...calls];
  const work = async () => {
    for (let call = left.shift(); call; call = left.shift()) await callInTime(call, hooks, timeoutMs);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, calls.length) }, work));
}

async function callInTime(call: HookCall, hooks: Hooks, timeoutMs: number): Promise<void> {
  try {
    await inTime(
      timeoutMs,
      () => callHook(hooks, call),
      () => new Error("It did not end in time."),
    );
    count("daemun.hook.calls", { hook: call.name, outcome: "success" });
  } catch (error) {
    count("daemun.hook.calls", { hook: call.name, outcome: "failed" });
    log.error("hook.failed", { hook: call.name, cause: describeError(error) });
  }
}
