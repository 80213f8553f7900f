import "server-only";
import * as openid from "openid-client";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { databaseFailureCode } from "../db/unavailable";
import { chosenLocale } from "../http/chosen-locale";
import { readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, failedReply, redirectTo } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { withShortHead } from "../http/short-head";
import { requireSupported } from "../oidc/client-authentication";
import { getRecentMetadata } from "../oidc/metadata";
import { openidClientFor } from "../oidc/openid-client";
import { authorizationAddress } from "../oidc/pushed-authorization";
import { stateFrom } from "../sessions/aliases/ticket";
import { hashState } from "../sessions/cookies/transaction-cookies";
import { readSessionForm, type SessionForm } from "../sessions/guards/guarded-form";
import { isConfirmed, stepUpAddress } from "../sessions/guards/step-up";
import { sessionPolicy } from "../sessions/registry/policy";
import { type Connecting, cannotConnect } from "./connect-failure";
import { connectTransactions } from "./connect-transaction";
import { disconnect, getGrantedScopes } from "./connections";
import { findService } from "./registry";
import { callbackOf, isConnectable, providerOf } from "./service-provider";

/**
 * `POST /api/connect/[service]`: sends the person to the service to let this app call it for them. With `scopes=more` the
 * optional ones are asked for too; what was granted before always is. Source: RFC 6749, section 4.1; RFC 7636.
 */
export async function startConnecting(request: Request, serviceId: string): Promise<Response> {
  const asked = await readAsked(request, serviceId);
  if (asked instanceof Response) return asked;
  try {
    return withShortHead(await redirectToService(request, asked));
  } catch (error) {
    return cannotConnect(request, asked, error);
  }
}

async function redirectToService(request: Request, asked: Asked): Promise<Response> {
  const { session, service, form } = asked;
  const provider = providerOf(service);
  // Fetched now: nobody is to be sent to a service that is not there.
  const metadata = await getRecentMetadata(provider);
  requireSupported(provider, metadata);
  const scope = await scopeFor(asked, form.get("scopes") === "more");
  const wantsIdToken = !provider.endpoints && scope.split(" ").includes("openid");
  const verifier = openid.randomPKCECodeVerifier();
  const state = await stateFrom(request.headers, `connect:${service.id}`, openid.randomState());
  const jar = readCookies(request);
  const locale = chosenLocale(jar);
  const nonce = wantsIdToken ? openid.randomNonce() : null;
  const location = openid.buildAuthorizationUrl(await openidClientFor(provider, metadata), {
    ...provider.authorizationParameters,
    redirect_uri: callbackOf(service.id),
    scope,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(nonce !== null && { nonce }),
    ...(locale !== null && !provider.endpoints && { ui_locales: locale }),
  });
  const transaction = {
    service: service.id,
    sessionId: session.id,
    stateHash: hashState(state),
    verifier,
    nonce,
    scope,
    returnTo: returnPathOf(form),
    startedAt: Date.now() / 1000,
  };
  return connectTransactions.sendOff(await authorizationAddress(provider, metadata, location), transaction, jar);
}

/** `POST /api/connect/[service]/disconnect`: ends the connection, here and at the service. Nothing to end is no fault. */
export async function endConnecting(request: Request, serviceId: string): Promise<Response> {
  const asked = await readAsked(request, serviceId);
  if (asked instanceof Response) return asked;
  try {
    await disconnect(asked.session, asked.service);
    return isNavigation(request.headers) ? redirectTo("/account/connections") : new Response(null, { status: 204 });
  } catch (error) {
    log.error("connection.not_ended", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
}

type Asked = Connecting & SessionForm;

async function readAsked(request: Request, serviceId: string): Promise<Asked | Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const service = findService(serviceId);
  if (!service || !isConnectable(service)) return errorReply(request, "unknown_service");
  return (await confirmFirst(request, sent)) ?? { ...sent, service };
}

/**
 * A connection outlives the session that made it. Whoever changes one has signed in recently, or confirms it first, and
 * comes back to the page that the form is on; null for who has.
 */
async function confirmFirst(request: Request, { session, form }: SessionForm): Promise<Response | null> {
  const recent = { maxAgeSeconds: sessionPolicy().recentSignInSeconds };
  if (isConfirmed(session, recent)) return null;
  if (!isNavigation(request.headers)) return errorJson("step_up_required");
  return redirectTo(await stepUpAddress(session, recent, returnPathOf(form)));
}

function returnPathOf(form: SessionForm["form"]): string {
  return parseReturnPath(form.get("returnTo") ?? "/account/connections");
}

/** What is asked for: the service's own scopes, those that were granted before, and more where the person wants it. */
async function scopeFor({ session, service }: Connecting, more: boolean): Promise<string> {
  const { scopes, optionalScopes = [] } = service.authentication;
  const granted = (await getGrantedScopes(session, service)).filter((scope) => optionalScopes.includes(scope));
  return [...new Set([...scopes, ...granted, ...(more ? optionalScopes : [])])].join(" ");
}
