import { sessionCookie } from "./cookies";
import type { HttpBrowser } from "./http-browser";
import { signIn, type TestApp, whoIs } from "./test-app";

export interface SessionRow {
  id: string;
  sessionToken: string;
  providerSessionId: string;
  userId: string;
  endedAt: Date | null;
  endReason: string | null;
  endedBy: string | null;
}

/** The newest session of a subject. */
export async function newestSession(app: TestApp, subject: string): Promise<SessionRow> {
  const [row] = await app.rows<SessionRow>(
    `SELECT * FROM "Session" WHERE subject = $1 ORDER BY "createdAt" DESC LIMIT 1`,
    [subject],
  );
  if (!row) throw new Error(`${subject} has no session.`);
  return row;
}

/** Another browser window of somebody who is signed in at the provider: a session of its own here, the same one there. */
export async function signedInBeside(app: TestApp, browser: HttpBrowser, provider = "company"): Promise<HttpBrowser> {
  const beside = browser.clone();
  beside.setCookie(app.url, sessionCookie(app.url), "");
  await signIn(app, beside, { provider });
  if (!(await whoIs(app, beside))) throw new Error("The second window is not signed in.");
  return beside;
}

/** Posts to a provider's back-channel route as the provider would. */
export async function post(
  base: string,
  provider: string,
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${base}/api/oidc/${provider}/backchannel-logout`, {
    method: "POST",
    body,
    headers,
    redirect: "manual",
  });
}

export function logoutForm(token: string, extra: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({ ...extra, logout_token: token });
}
