import "server-only";
import type { Socket } from "node:net";
import daemun from "@/daemun.config";
import type { Configuration } from "@/edge/config";
import { createMinuteBound } from "../audit/minute-bound";
import { createSemaphore, type Release, type Semaphore } from "../db/semaphore";
import { log } from "../http/log";
import type { ActiveSession } from "../sessions/registry/active-session";
import type { ServiceSettings } from "../settings/services";
import { ServiceError } from "./errors";
import { listServices } from "./registry";

const config: Configuration = daemun;

/** What one session may have at a time on this instance, by `daemun.config.ts`. */
export const sessionShare = { calls: 16, waitingCalls: 100, waitMs: 5_000, streams: 6, ...config.sessionShare };

// Of a service, for all sessions of this instance together.
const defaultMost = { calls: 256, streams: 1024 };

// How long a call waits for one of a service's connections. A burst passes in less.
const connectionWaitMs = 1_000;
const retryAfterSeconds = 5;

/** How full a service is on this instance. */
export interface ServiceLoad {
  service: string;
  calls: number;
  /** Calls that wait for a connection. */
  waiting: number;
  mostCalls: number;
  streams: number;
  mostStreams: number;
}

interface Shares {
  services: Map<string, { connections: Semaphore; streams: number }>;
  calls: Map<string, Semaphore>;
  streams: Map<string, number>;
}

// On globalThis: Next bundles pages and routes apart, and each copy would count for itself.
const held = globalThis as typeof globalThis & { daemunShares?: Shares };
const mayNote = createMinuteBound(1);

function shares(): Shares {
  held.daemunShares ??= { services: new Map(), calls: new Map(), streams: new Map() };
  return held.daemunShares;
}

function sharesOf({ id, maxCalls = defaultMost.calls }: ServiceSettings) {
  const { services } = shares();
  let own = services.get(id);
  if (!own) {
    own = { connections: createSemaphore({ atOnce: maxCalls, maxWaiting: maxCalls }), streams: 0 };
    services.set(id, own);
  }
  return own;
}

/** How full each service that is set up is, on this instance. */
export function getServiceLoad(): ServiceLoad[] {
  return listServices().map(loadOf);
}

function loadOf(service: ServiceSettings): ServiceLoad {
  const { connections, streams } = sharesOf(service);
  const { id, maxCalls: mostCalls = defaultMost.calls, maxStreams: mostStreams = defaultMost.streams } = service;
  return { service: id, calls: connections.running(), waiting: connections.waiting(), mostCalls, streams, mostStreams };
}

/** A call's place among those of its session and of its service. */
export interface Share {
  /** The connection that the call goes over. */
  use(socket: Socket): void;
  /**
   * From now on it is a stream, and its connection none of those for calls. Answers why it may not be: `rate_limited` past
   * the session's share, `overloaded` where the service has as many as it may.
   */
  becomeStream(): "rate_limited" | "overloaded" | null;
  release(): void;
}

/**
 * Waits for a call's turn.
 *
 * @throws ServiceError `rate_limited` past the session's share of this service; `overloaded` where all its connections are
 *   in use
 */
export async function takeShare(session: ActiveSession, service: ServiceSettings, signal: AbortSignal): Promise<Share> {
  const own = await takeOwn(session, service, signal);
  const connection = await sharesOf(service).connections.acquire(connectionWaitMs, signal);
  if (!connection) {
    own();
    if (signal.aborted) throw new ServiceError("upstream_unavailable");
    noteFull(service, "connections");
    throw new ServiceError("overloaded", { retryAfterSeconds });
  }
  return shareOf(session, service, () => {
    connection();
    own();
  });
}

/** Whether the session has as many streams as it may. */
export function hasAllStreams({ id }: ActiveSession): boolean {
  return (shares().streams.get(id) ?? 0) >= sessionShare.streams;
}

async function takeOwn(session: ActiveSession, service: ServiceSettings, signal: AbortSignal): Promise<Release> {
  const { calls } = shares();
  // Of each service, so that one that hangs keeps nobody from the others.
  const key = `${session.id} ${service.id}`;
  const queue =
    calls.get(key) ?? createSemaphore({ atOnce: sessionShare.calls, maxWaiting: sessionShare.waitingCalls });
  calls.set(key, queue);
  const release = await queue.acquire(sessionShare.waitMs, signal);
  if (!release) throw new ServiceError("rate_limited", { retryAfterSeconds });
  return () => {
    release();
    if (queue.running() === 0 && calls.get(key) === queue) calls.delete(key);
  };
}

function shareOf(session: ActiveSession, service: ServiceSettings, releaseCall: Release): Share {
  let socket: Socket | null = null;
  let isStream = false;
  return {
    use(given) {
      socket = given;
      if (isStream) detach(given);
    },
    becomeStream() {
      if (isStream) return null;
      const own = sharesOf(service);
      if (hasAllStreams(session)) return "rate_limited";
      if (own.streams >= (service.maxStreams ?? defaultMost.streams)) {
        noteFull(service, "streams");
        return "overloaded";
      }
      isStream = true;
      own.streams += 1;
      countStreams(session, 1);
      if (socket) detach(socket);
      releaseCall();
      return null;
    },
    release() {
      if (!isStream) return releaseCall();
      isStream = false;
      sharesOf(service).streams -= 1;
      countStreams(session, -1);
      // No agent takes it back.
      socket?.destroy();
    },
  };
}

// Node's own way to keep a connection open for long beside those of its agent.
function detach(socket: Socket): void {
  socket.emit("agentRemove");
}

function countStreams({ id }: ActiveSession, by: 1 | -1): void {
  const { streams } = shares();
  const count = (streams.get(id) ?? 0) + by;
  if (count > 0) streams.set(id, count);
  else streams.delete(id);
}

function noteFull(service: ServiceSettings, what: "connections" | "streams"): void {
  if (mayNote(`${service.id} ${what}`)) log.warn("service.full", { ...loadOf(service), what });
}
