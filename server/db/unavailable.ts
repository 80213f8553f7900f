import "server-only";
import { OverloadedError } from "./semaphore";

// P1001 not reached, P1002 reached too late, P1008 too slow, P1017 closed the connection, P2024 no connection free,
// P2037 too many connections, P1011 no TLS; P1000, P1003 and P1010 whom or what the address names is not there.
const prismaCodes = new Set("P1000 P1001 P1002 P1003 P1008 P1010 P1011 P1017 P2024 P2037".split(" "));

const socketCodes = new Set(
  "ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN ETIMEDOUT EPIPE EHOSTUNREACH ENETUNREACH ENOENT".split(" "),
);

// 08 connection, 53 out of connections, memory or disk, 57014 statement_timeout, 57P0x shut down or starting up,
// 25P03 and 25P04 a transaction that was cut, 25006 a primary that became a standby, 28 who we are, 3D000 no such database.
const sqlStates = /^(?:08...|53...|57014|57P0[1-5]|25P0[34]|25006|28...|3D000)$/;

const adapterKinds = new Set(
  "DatabaseNotReachable ConnectionClosed SocketTimeout TooManyConnections TlsConnectionError AuthenticationFailed DatabaseAccessDenied DatabaseDoesNotExist".split(
    " ",
  ),
);

// node-postgres gives these no code.
const messages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after)|(?:Unable to start a transaction in the given time|on an expired transaction|Server has closed the connection|Can't reach database server)/;

/**
 * Whether an error says that the database cannot be asked now: refused, gone, shutting down, out of connections or too
 * slow. Such a request is answered with `database_unavailable` and may be tried again; any other error is a fault of ours.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return [...chain(error)].some(saysUnavailable);
}

/** Why a database cannot be asked, in the words of whoever said so first: for the log, and for whoever has to mend it. */
export function unavailabilityReason(error: unknown): string {
  const said = [...chain(error)].map((each) => {
    const { code, originalCode, originalMessage, message, reason, kind, host, port } = each as Record<string, unknown>;
    const words = [originalMessage, reason, message, kind].find((text) => typeof text === "string" && text !== "");
    return [originalCode ?? code, typeof words === "string" && lastLine(words), host, port].filter(Boolean).join(" ");
  });
  return said.filter((text) => text !== "").at(-1) ?? "unknown";
}

/** What to answer a failure of the database with: away, too many waiting for it, or a fault of ours. */
export function databaseFailureCode(error: unknown): "database_unavailable" | "overloaded" | "internal_error" {
  if (error instanceof OverloadedError) return "overloaded";
  return isDatabaseUnavailable(error) ? "database_unavailable" : "internal_error";
}

function saysUnavailable(error: object): boolean {
  const { code, kind, originalCode, message, severity } = error as Record<string, unknown>;
  // Said of a connection that was refused or ended, by PostgreSQL and by poolers, with whatever code.
  if (severity === "FATAL" || severity === "PANIC") return true;
  if (typeof kind === "string" && adapterKinds.has(kind)) return true;
  for (const value of [code, originalCode]) {
    if (typeof value !== "string") continue;
    if (prismaCodes.has(value) || sqlStates.test(value)) return true;
    // A missing file has ENOENT too; only a socket's error carries an address.
    if (socketCodes.has(value) && (value !== "ENOENT" || "address" in error)) return true;
  }
  return typeof message === "string" && messages.test(lastLine(message));
}

// Prisma puts the place of the call in front of what happened.
function lastLine(message: string): string {
  return message.trim().split("\n").at(-1)?.trim() ?? "";
}

/** An error and everything that it names as its reason, each once, to a depth that no honest error has. */
function* chain(error: unknown): Generator<object> {
  const open = [error];
  const seen = new Set<unknown>();
  while (open.length > 0 && seen.size < 32) {
    const current = open.pop();
    if (typeof current !== "object" || current === null || seen.has(current)) continue;
    seen.add(current);
    yield current;
    const { cause, meta, errors, driverAdapterError } = current as Record<string, unknown>;
    open.push(cause, meta, driverAdapterError, ...(Array.isArray(errors) ? errors : []));
  }
}
