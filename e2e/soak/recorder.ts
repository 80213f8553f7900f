import type { Page } from "../support/http-browser";
import type { Asked, History, Outcome } from "./history";

const userPattern = /zu[0-9a-f]{10}q/g;

/** A word for a user that occurs in nothing but what is theirs. */
export function userWord(number: number, random: { between(low: number, high: number): number }): string {
  const digits = Array.from({ length: 8 }, () => random.between(0, 15).toString(16)).join("");
  return `zu${digits}${number.toString(16).padStart(2, "0")}q`;
}

/** Which users a text names. */
export function namesIn(text: string): string[] {
  return [...new Set(text.match(userPattern) ?? [])];
}

export interface Reply {
  outcome: Outcome;
  status: number | null;
  code: string | null;
  retryAfter: string | null;
}

export interface Recorded extends Reply {
  begin: number;
  end: number;
  /** Null where the connection was cut. */
  page: Page | null;
}

/** What an answer means. `isGuarded`: whether a session decides about it, so that a way to sign-in is a refusal. */
export function readReply(page: Page, isGuarded: boolean): Reply {
  const { status, location, headers } = page;
  const base = { status, retryAfter: headers.get("retry-after") };
  const target = location === null ? null : new URL(location);
  const told = target?.searchParams.get("error") ?? target?.searchParams.get("code") ?? null;
  if (status >= 300 && status < 400) {
    if (isGuarded && target?.pathname === "/sign-in") return { ...base, outcome: "refused", code: told };
    const isFailure = target?.pathname === "/auth-error" || (target?.pathname === "/sign-in" && told !== null);
    return isFailure ? { ...base, outcome: "failed", code: told } : { ...base, outcome: "ok", code: null };
  }
  const json = parse(page);
  if (status < 300) {
    const isOut = isGuarded && json?.authenticated === false;
    return { ...base, outcome: isOut ? "refused" : "ok", code: null };
  }
  const code = typeof json?.error === "string" ? json.error : codeOfPage(page);
  // A service's own 401 has no id of a request: it says something of the token, and nothing of the session.
  const isOurs = status === 401 && json?.request_id !== undefined;
  return { ...base, outcome: isGuarded && isOurs ? "refused" : "failed", code };
}

function parse({ headers, body }: Page): Record<string, unknown> | null {
  if (!headers.get("content-type")?.includes("json")) return null;
  const json: unknown = JSON.parse(body);
  return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null;
}

/** A page of a failed navigation says its code by the address that it goes on to, or by its words alone. */
function codeOfPage({ headers, body, status }: Page): string | null {
  const next = /code=([a-z_]+)/.exec(headers.get("refresh") ?? "")?.[1] ?? /auth-error\?code=([a-z_]+)/.exec(body)?.[1];
  if (next) return next;
  return status === 503 ? "database_unavailable" : null;
}

/**
 * Makes a request, and writes down what became of it. Never throws.
 *
 * @param asked.session whose being over or not decides about the answer; null where none does
 */
export async function record(
  history: History,
  asked: Pick<Asked, "user" | "session" | "instance" | "what">,
  ask: () => Promise<Page>,
): Promise<Recorded> {
  const begin = Date.now();
  const page = await ask().catch(() => null);
  const end = Date.now();
  const reply = page ? readReply(page, asked.session !== null) : cut;
  const names = page ? namesIn(`${page.body}\n${page.location ?? ""}`) : [];
  history.asked.push({ ...asked, begin, end, ...reply, names });
  return { ...reply, begin, end, page };
}

const cut: Reply = { outcome: "cut", status: null, code: null, retryAfter: null };
