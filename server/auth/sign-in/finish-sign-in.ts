import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { defaultReturnPath, signInAddress } from "@/edge/return-path";
import { cookieLife } from "@/edge/session-cookie";
import { cookieHeader, readCookies } from "../../http/cookie-jar";
import { errorReply, redirectTo } from "../../http/error-reply";
import { uniqueParameters } from "../../http/form-body";
import { log } from "../../http/log";
import { type AuthorizationAnswer, parseAuthorizationAnswer } from "../../oidc/authorization-answer";
import { discoveredIssuer, isIssuerOf } from "../../oidc/issuer";
import { getMetadata } from "../../oidc/metadata";
import { noteRefusedScope } from "../../oidc/offline-access";
import { withDeadline } from "../../oidc/outbound";
import { saidForLog } from "../../oidc/said";
import { handOn } from "../../sessions/aliases/hand-on";
import { deviceCookie, deviceIdIn } from "../../sessions/cookies/device-cookie";
import { sessionClaimsIn, sessionCookies } from "../../sessions/cookies/session-cookies";
import { callbackTimeoutMs, spendState, spentReturnPath } from "../../sessions/cookies/transaction-cookies";
import { readSession } from "../../sessions/registry/session-state";
import type { ProviderSettings } from "../../settings/providers";
import { traced } from "../../telemetry/spans";
import { composeCallback } from "../next-auth/compose-request";
import type { ReturnedSignIn } from "../next-auth/exchange-code";
import { authBasePath, exchangeAnswer } from "../next-auth/next-auth";
import { endAndAnswer } from "../sign-out/sign-out";
import { auditFailedSignIn, faultOf, type SignInFailure } from "./failed-sign-in";
import { postedName } from "./posted-answer";
import { type Transaction, transactions } from "./transaction";

/**
 * `GET /api/auth/callback/[provider]`: everything that can be judged without the provider is judged before it is
 * asked; then NextAuth exchanges the code, and the session is written in one transaction.
 */
export function finishSignIn(request: Request, provider: ProviderSettings): Promise<Response> {
  return traced("daemun.sign_in", { "daemun.provider": provider.id }, () => finish(request, provider));
}

async function finish(request: Request, provider: ProviderSettings): Promise<Response> {
  const jar = readCookies(request);
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const answer = parameters ? parseAuthorizationAnswer(parameters) : { kind: "failure" as const, failure: repeated };
  const handedOn = parameters && answer.kind !== "failure" ? await handOnToAlias(request, provider, parameters) : null;
  if (handedOn) return handedOn;
  const transaction = await transactions.read(jar, parameters?.get("state"));
  const failure = answer.kind === "failure" ? answer.failure : await judgeTransaction(transaction, provider, answer);
  const replaced = await sessionClaimsIn(jar);
  if (failure || answer.kind === "failure" || !transaction) {
    const reason = failure ?? stateMismatch;
    // A reload or a step back after a sign-in that worked: this browser is where it wanted to be.
    if (
      reason.code === "state_mismatch" &&
      replaced &&
      (await readSession({ activity: "yes", claims: replaced })).kind === "active"
    ) {
      await auditFailedSignIn(provider, reason);
      const returnTo = transaction?.returnTo ?? (await spentReturnPath(parameters?.get("state") ?? ""));
      return withoutTransaction(redirectTo(returnTo ?? defaultReturnPath), transaction);
    }
    return fail(request, provider, transaction, reason);
  }
  const saidName = provider.responseMode === "form_post" && parameters ? await postedName(parameters) : null;
  return withDeadline(callbackTimeoutMs, () =>
    exchange(request, provider, { transaction, answer, replaced, saidName, deviceId: deviceIdIn(jar) }),
  );
}

const repeated: SignInFailure = { code: "invalid_request", cause: "repeated_parameter" };
const stateMismatch: SignInFailure = { code: "state_mismatch", cause: "unknown_state" };

/** The answer to a sign-in that began at an alias of this address, on its way there; null for one that belongs here. */
async function handOnToAlias(
  request: Request,
  provider: ProviderSettings,
  parameters: ReadonlyMap<string, string>,
): Promise<Response | null> {
  const path = `${authBasePath}/callback/${provider.id}`;
  try {
    const handing = await handOn(request, { use: `sign-in:${provider.id}`, path, parameters });
    if (handing.kind === "here") return null;
    if (handing.kind === "handed-on") return handing.response;
    return await fail(request, provider, null, { code: "state_mismatch", cause: handing.cause });
  } catch (error) {
    return fail(request, provider, null, faultOf(error));
  }
}

async function judgeTransaction(
  transaction: Transaction | null,
  provider: ProviderSettings,
  answer: Exclude<AuthorizationAnswer, { kind: "failure" }>,
): Promise<SignInFailure | null> {
  // Mix-up: an answer that arrives at another provider's route than the one the person was sent to (RFC 9700, section 4.4).
  if (!transaction || transaction.provider !== provider.id) return stateMismatch;
  if (answer.iss !== null && !namesIssuer(provider, answer.iss)) return { code: "issuer_mismatch", cause: "iss" };
  try {
    if (!(await spendState(transaction))) return { code: "state_mismatch", cause: "spent_state" };
  } catch (error) {
    return faultOf(error);
  }
  if (answer.kind !== "error") return null;
  // Its own words are for the operator: on the page they could be anybody's (FF-35).
  log.warn("provider.refused", {
    provider: provider.id,
    error: saidForLog(answer.error),
    description: saidForLog(answer.description),
  });
  noteRefusedScope(provider, answer.error);
  return answer.failure;
}

/** A provider of many tenants names itself by the template, by what stands for them all, or by the user's tenant. */
function namesIssuer(provider: ProviderSettings, iss: string): boolean {
  return iss === provider.issuer || iss === discoveredIssuer(provider) || isIssuerOf(provider, iss);
}

async function exchange(
  request: Request,
  provider: ProviderSettings,
  {
    answer,
    ...begun
  }: Pick<ReturnedSignIn, "transaction" | "replaced" | "saidName" | "deviceId"> & { answer: AuthorizationAnswer },
): Promise<Response> {
  const { transaction } = begun;
  if (answer.kind !== "code") return fail(request, provider, transaction, stateMismatch);
  try {
    const metadata = await getMetadata(provider);
    // RFC 9207 section 2.4: a provider that says it names itself has to.
    if (metadata.authorization_response_iss_parameter_supported && answer.iss === null) {
      return await fail(request, provider, transaction, { code: "issuer_mismatch", cause: "iss_missing" });
    }
    const signIn = { provider, metadata, ...begun };
    const result = await exchangeAnswer(signIn, await composeCallback(transaction, answer));
    if ("failure" in result) return await fail(request, provider, transaction, result.failure);
    const { opened, cookie } = result;
    // What the user confirmed was to sign out everywhere, of which this session is a part.
    const isSignOut = transaction.stepUp?.end === "everywhere";
    const signedOut = isSignOut ? await endAndAnswer(request, opened, "everywhere", { confirmed: true }) : null;
    if (signedOut?.status === 303) return signedOut;
    const response = withoutTransaction(signedOut ?? redirectTo(transaction.returnTo), transaction);
    response.headers.append("Set-Cookie", cookieHeader(sessionCookies().name, cookie, cookieLife(opened)));
    response.headers.append("Set-Cookie", deviceCookie(begun.deviceId));
    return response;
  } catch (error) {
    return fail(request, provider, transaction, faultOf(error));
  }
}

async function fail(
  request: Request,
  provider: ProviderSettings,
  transaction: Transaction | null,
  failure: SignInFailure,
): Promise<Response> {
  await auditFailedSignIn(provider, failure);
  // Signing in again from that page has the provider authenticate the user once more.
  const isToAskAnew = failure.code === "session_revoked" && isNavigation(request.headers);
  const response = isToAskAnew
    ? redirectTo(signInAddress(transaction?.returnTo, failure.code, provider.id))
    : errorReply(request, failure.code);
  return withoutTransaction(response, transaction);
}

function withoutTransaction(response: Response, transaction: Transaction | null): Response {
  return transaction ? transactions.drop(response, transaction) : response;
}
