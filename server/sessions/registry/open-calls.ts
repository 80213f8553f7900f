import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { describeError, log } from "../../http/log";
import { move } from "../../telemetry/meters";
import type { SessionEnd } from "./session-end";

/** Why a call that a session had open was ended. */
export class SessionOver extends Error {
  override readonly name = "SessionOver";
  constructor(readonly code: ErrorCode) {
    super(`The session that made this call is over: ${code}.`);
  }
}

/** A call, a stream, an upload or a download that goes on while its session lives. */
export interface OpenCall {
  /** Aborted with a {@link SessionOver} when the session is over. */
  signal: AbortSignal;
  /** It has ended by itself. */
  release(): void;
}

/** Until when a session lives if nothing happens, or why it does not. */
export type SessionOutlook = { until: Date } | { code: SessionEnd };

interface Parts {
  /** What the registry says of sessions, all of them by one query. Of one that is not there, nothing. */
  look(ids: readonly string[]): Promise<ReadonlyMap<string, SessionOutlook>>;
  /** How often all sessions with an open call are looked at. */
  everyMs: number;
  /** How long a call goes on while the registry cannot be asked. */
  unprovenMs: number;
}

interface Holder {
  controllers: Set<AbortController>;
  /** When the first of its deadlines passes, as far as known. */
  until: number;
  /** When the registry last said that it lives. */
  provenAt: number;
}

/** What the sessions of this process have open. It ends with them: here at once, after an end elsewhere at the next look. */
export function createOpenCalls({ look, everyMs, unprovenMs }: Parts) {
  const holders = new Map<string, Holder>();
  let timer: NodeJS.Timeout | undefined;
  let lookedAt = 0;
  let isLooking = false;

  /** @param session as the registry has it now */
  function hold(session: { id: string; expires: Date; idleExpiresAt: Date }): OpenCall {
    const controller = new AbortController();
    const known = holders.get(session.id);
    const holder = known ?? { controllers: new Set(), until: 0, provenAt: 0 };
    holder.until = Math.max(holder.until, Math.min(session.expires.getTime(), session.idleExpiresAt.getTime()));
    holder.provenAt = Date.now();
    holder.controllers.add(controller);
    holders.set(session.id, holder);
    move("daemun.calls.open", 1);
    if (!timer) schedule();
    return {
      signal: controller.signal,
      release() {
        if (!holder.controllers.delete(controller)) return;
        move("daemun.calls.open", -1);
        if (holder.controllers.size === 0 && holders.get(session.id) === holder) holders.delete(session.id);
      },
    };
  }

  /** Ends all that these sessions have open. */
  function end(ids: readonly string[], code: ErrorCode): void {
    for (const id of ids) {
      const holder = holders.get(id);
      holders.delete(id);
      for (const controller of holder?.controllers ?? []) controller.abort(new SessionOver(code));
    }
  }

  function schedule(): void {
    clearTimeout(timer);
    timer = undefined;
    if (holders.size === 0) return;
    const nextLook = isLooking ? Number.POSITIVE_INFINITY : lookedAt + everyMs;
    let next = nextLook;
    for (const { until, provenAt } of holders.values())
      next = Math.min(next, provenAt + unprovenMs, isLooking ? next : until);
    // Not at every moment, where a deadline has passed that the registry moves again and again.
    timer = setTimeout(tick, Math.min(Math.max(next - Date.now(), 250), everyMs)).unref();
  }

  function tick(): void {
    const now = Date.now();
    const unproven = [...holders].filter(([, { provenAt }]) => provenAt + unprovenMs <= now);
    end(
      unproven.map(([id]) => id),
      "database_unavailable",
    );
    const isDue = now >= lookedAt + everyMs || [...holders.values()].some(({ until }) => until <= now);
    if (isDue && !isLooking && holders.size > 0) void lookAtAll();
    schedule();
  }

  async function lookAtAll(): Promise<void> {
    isLooking = true;
    lookedAt = Date.now();
    const ids = [...holders.keys()];
    try {
      const outlooks = await look(ids);
      for (const id of ids) {
        const outlook = outlooks.get(id) ?? { code: "session_revoked" };
        const holder = holders.get(id);
        if ("code" in outlook) end([id], outlook.code);
        else if (holder)
          Object.assign(holder, { until: outlook.until.getTime(), provenAt: Math.max(holder.provenAt, lookedAt) });
      }
    } catch (error) {
      log.warn("session.open_calls_unproven", { sessions: ids.length, cause: describeError(error) });
    } finally {
      isLooking = false;
      schedule();
    }
  }

  return { hold, end };
}

export type OpenCalls = ReturnType<typeof createOpenCalls>;

// On globalThis: Next bundles its routes apart, and who signs out is in another than who streams.
const held = globalThis as typeof globalThis & { daemunOpenCalls?: OpenCalls };

/** Those of this process, made at the first call. */
export function openCallsOf(parts: Parts): OpenCalls {
  held.daemunOpenCalls ??= createOpenCalls(parts);
  return held.daemunOpenCalls;
}

/** Ends all that these sessions have open in this process. */
export function endOpenCalls(ids: readonly string[], code: ErrorCode): void {
  held.daemunOpenCalls?.end(ids, code);
}
