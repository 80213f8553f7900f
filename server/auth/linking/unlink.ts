import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { afterResponse } from "../../http/after-response";
import { cookieHeader, readCookies } from "../../http/cookie-jar";
import { errorReply, redirectTo } from "../../http/error-reply";
import { sessionCookies } from "../../sessions/cookies/session-cookies";
import { readSessionForm } from "../../sessions/guards/guarded-form";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { findProvider } from "../../settings/env";
import { revokeQuietly } from "../../tokens/revoke-grants";
import { redirectWithOutcome } from "../sign-out/sign-out-outcome";
import { identitiesPath } from "./identities-path";
import { linkingFailureOf, refuseLinking } from "./linking-failure";
import { confirmFirst } from "./recent-sign-in";
import { type Unlinked, unlinkIdentity } from "./unlink-identity";

/**
 * `POST /api/account/identities/[provider]/unlink`: takes a sign-in method away, and ends the sessions that were opened with
 * it, this one too where it was. A provider that is no longer set up may be named. Nothing to take is no fault: another tab
 * was first.
 */
export async function unlink(request: Request, provider: string): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { session } = sent;
  const refused = await confirmFirst(request, session, identitiesPath);
  if (refused) return refused;
  try {
    const unlinked = await unlinkIdentity(session, provider);
    if (unlinked) afterResponse(() => revokeQuietly(unlinked.grants));
    else if (!findProvider(provider)) return errorReply(request, "unknown_provider");
    return unlinked?.isOwnOver ? await signedOut(request, session, unlinked) : unlinkedAnswer(request, provider);
  } catch (error) {
    const who = { event: "account.unlinked", session, provider } as const;
    return refuseLinking(request, who, linkingFailureOf(error));
  }
}

function unlinkedAnswer(request: Request, provider: string): Response {
  const address = `${identitiesPath}?${new URLSearchParams({ unlinked: provider })}`;
  return isNavigation(request.headers) ? redirectTo(address) : new Response(null, { status: 204 });
}

/** This session was opened with it, and is over: the page of a sign-out says so. */
async function signedOut(request: Request, session: ActiveSession, { count }: Unlinked): Promise<Response> {
  const named = { providerId: session.provider, providerName: findProvider(session.provider)?.name ?? null };
  const outcome = { scope: "device", provider: "not_asked", ...named, endedCount: count } as const;
  const response = isNavigation(request.headers)
    ? await redirectWithOutcome({ ...outcome, state: null, tokensLeft: 0 })
    : unlinkedAnswer(request, session.provider);
  const jar = readCookies(request);
  for (const name of await sessionCookies().namesOf((each) => jar.get(each))) {
    response.headers.append("Set-Cookie", cookieHeader(name, "", 0));
  }
  return response;
}
