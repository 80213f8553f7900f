import "server-only";
import { inProcess } from "../http/in-process";
import { describeError, log } from "../http/log";
import type { AuditRow } from "./write-bounded";

/** Told of audit rows once what they record is committed. It must not take its time. */
type Listener = (rows: readonly AuditRow[]) => void;

const listeners = () => inProcess("audit.listeners", () => new Map<string, Listener>());

/** Has `listener` told from now on, in this process; another of the same name is replaced. */
export function listenToAudit(name: string, listener: Listener): void {
  listeners().set(name, listener);
}

/** Tells whoever listens. Never throws: what they are told of has happened. */
export function announce(rows: readonly AuditRow[]): void {
  if (rows.length === 0) return;
  for (const [name, listener] of listeners()) {
    try {
      listener(rows);
    } catch (error) {
      log.error("audit.listener_failed", { listener: name, cause: describeError(error) });
    }
  }
}
