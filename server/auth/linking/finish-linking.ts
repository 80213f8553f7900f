import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { signInAddress } from "@/edge/return-path";
import { readCookies } from "../../http/cookie-jar";
import { errorJson, failedReply, redirectTo } from "../../http/error-reply";
import { uniqueParameters } from "../../http/form-body";
import { parseAuthorizationAnswer } from "../../oidc/authorization-answer";
import { getMetadata } from "../../oidc/metadata";
import { withDeadline } from "../../oidc/outbound";
import { callbackTimeoutMs } from "../../sessions/cookies/transaction-cookies";
import type { ActiveSession } from "../../sessions/registry/active-session";
import { readSession } from "../../sessions/registry/session-state";
import type { ProviderSettings } from "../../settings/providers";
import { composeCallback } from "../next-auth/compose-request";
import { verifyAnswer } from "../next-auth/next-auth";
import { judgeAnswer, stateMismatch } from "../sign-in/judge-answer";
import { judgeSignIn } from "../sign-in/judge-sign-in";
import { identitiesPath } from "./identities-path";
import { hasIdentity, linkIdentity } from "./link-identity";
import { dropIntent } from "./link-intent";
import { type LinkTransaction, linkTransactions } from "./link-transaction";
import { LinkingError, linkingFailureOf, refuseLinking } from "./linking-failure";

/**
 * The callback of a linking: exchanges the code, and gives the identity to the user who set out with it, if the same session
 * still lives. Signs nobody in. Null where this browser began no linking with that `state`: then it is a sign-in's.
 */
export async function finishLinking(request: Request, provider: ProviderSettings): Promise<Response | null> {
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const transaction = await linkTransactions.read(readCookies(request), parameters?.get("state"));
  if (!parameters || !transaction) return null;
  const response = await answer(request, provider, parameters, transaction);
  // While the database is away it stays, so that the user can try again.
  return response.status === 503 ? response : linkTransactions.drop(response, transaction);
}

async function answer(
  request: Request,
  provider: ProviderSettings,
  parameters: ReadonlyMap<string, string>,
  transaction: LinkTransaction,
): Promise<Response> {
  const current = await readSession({ activity: "yes" });
  if (current.kind === "unavailable") return failedReply(request, current.code);
  if (current.kind !== "active") {
    const isPage = isNavigation(request.headers);
    return isPage ? redirectTo(signInAddress(identitiesPath, current.code)) : errorJson(current.code);
  }
  const { session } = current;
  try {
    return await link(provider, session, parameters, transaction);
  } catch (error) {
    const failure = linkingFailureOf(error);
    // They know it: it was they who said no.
    if (failure.code === "sign_in_cancelled" && isNavigation(request.headers)) return redirectTo(identitiesPath);
    return refuseLinking(request, { event: "account.linked", session, provider: provider.id }, failure);
  }
}

async function link(
  provider: ProviderSettings,
  session: ActiveSession,
  parameters: ReadonlyMap<string, string>,
  transaction: LinkTransaction,
): Promise<Response> {
  const said = parseAuthorizationAnswer(parameters);
  if (said.kind === "failure") throw asError(said.failure);
  // Another session may be another user's, and even of the same one nobody knows who holds it by now.
  const isTheirs = transaction.sessionId === session.id && transaction.userId === session.user.id;
  const failure = isTheirs ? await judgeAnswer(transaction, provider, said) : stateMismatch;
  // A browser that delivers the callback twice is where it wanted to be.
  if (failure?.cause === "spent_state" && (await hasIdentity(session, provider.id)))
    return redirectTo(transaction.returnTo);
  if (failure) throw asError(failure);
  if (said.kind !== "code") throw asError(stateMismatch);
  await withDeadline(callbackTimeoutMs, async () => {
    const metadata = await getMetadata(provider);
    // RFC 9207 section 2.4: a provider that says it names itself has to.
    const namesItself = metadata.authorization_response_iss_parameter_supported;
    if (namesItself && said.iss === null) throw asError({ code: "issuer_mismatch", cause: "iss_missing" });
    const returned = { provider, metadata, transaction };
    const result = await verifyAnswer(returned, await composeCallback(transaction, said));
    if ("failure" in result) throw asError(result.failure);
    // Whoever may not sign in with it has no use for it here.
    const judged = await judgeSignIn(returned, result.verified);
    if ("failure" in judged) throw asError(judged.failure);
    await linkIdentity(session, provider, result.verified);
  });
  return dropIntent(redirectTo(transaction.returnTo));
}

function asError({ code, cause }: { code: LinkingError["code"]; cause: string }): LinkingError {
  return new LinkingError(code, cause);
}
