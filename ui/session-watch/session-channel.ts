import type { Deadlines } from "./deadlines";

/** What the tabs of one browser tell each other. Times are the server's, so that no tab's clock matters. */
export type TabMessage =
  /** A session's deadlines, fresh from the server: a page was loaded, the server was asked, or somebody stayed. */
  | ({ kind: "deadlines"; key: string } & Deadlines)
  /** Somebody wants no more of the countdown to this end, which nothing can move. */
  | { kind: "dismissed"; key: string; end: number }
  /** This browser has no session any more. `key` names the one that ended, where the tab knew it. */
  | { kind: "gone"; key: string | null; signedOut: boolean; at: number };

export interface SessionChannel {
  post(message: TabMessage): void;
  close(): void;
}

/**
 * Opens the line between this browser's tabs. Where there is none (an old browser), each tab finds out by itself.
 *
 * @param hear gets what other tabs say, never what this one did
 */
export function openSessionChannel(hear: (message: TabMessage) => void): SessionChannel {
  if (typeof BroadcastChannel === "undefined") return { post() {}, close() {} };
  const channel = new BroadcastChannel("daemun.session");
  channel.onmessage = ({ data }) => {
    const message = parseTabMessage(data);
    if (message) hear(message);
  };
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

/** A message as it should be, or null: a tab of an older release may say something else. */
export function parseTabMessage(data: unknown): TabMessage | null {
  if (typeof data !== "object" || data === null) return null;
  const { kind, key, signedOut, idleExpiresAt, expires, at, end } = data as Record<string, unknown>;
  if (kind === "deadlines" && typeof key === "string" && isTime(idleExpiresAt) && isTime(expires) && isTime(at)) {
    return { kind, key, idleExpiresAt, expires, at };
  }
  if (kind === "dismissed" && typeof key === "string" && isTime(end)) return { kind, key, end };
  if (kind === "gone" && (typeof key === "string" || key === null) && typeof signedOut === "boolean" && isTime(at)) {
    return { kind, key, signedOut, at };
  }
  return null;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
