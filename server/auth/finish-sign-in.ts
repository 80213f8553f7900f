import "server-only";
import { defaultLanding } from "@/edge/return-path";
import { cookieLife } from "@/edge/session-cookie";
import { afterResponse } from "../http/after-response";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorReply, redirectTo } from "../http/error-reply";
import { uniqueParameters } from "../http/form-body";
import { type AuthorizationAnswer, parseAuthorizationAnswer } from "../oidc/authorization-answer";
import { getMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import type { ProviderSettings } from "../provider-settings";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { judgeSession } from "../sessions/session-state";
import { spendState } from "../sessions/spent-state";
import { transactionCookieName, transactionSeconds } from "../sessions/transaction-cookies";
import { revokeQuietly } from "../tokens/revoke-grants";
import { composeCallback } from "./compose-request";
import { auditFailedSignIn, faultOf } from "./failed-sign-in";
import { enterNextAuth } from "./next-auth";
import { runSignIn, type SignInContext, type SignInFailure } from "./sign-in-context";
import { readTransaction, type Transaction } from "./transaction";

// Discovery, keys, token endpoint and userinfo together: the person is waiting.
const patienceMs = 9000;

/**
 * `GET /api/auth/callback/[provider]`: everything that can be judged without the provider is judged before it is
 * asked; then NextAuth exchanges the code, and the session is written in one transaction.
 */
export async function finishSignIn(request: Request, provider: ProviderSettings): Promise<Response> {
  const jar = readCookies(request);
  const parameters = uniqueParameters(new URL(request.url).searchParams);
  const state = parameters?.get("state");
  const transaction = state && state.length <= 2048 ? await readTransaction(jar, state) : null;

  const answer = parameters ? parseAuthorizationAnswer(parameters) : { kind: "failure" as const, failure: repeated };
  const failure = answer.kind === "failure" ? answer.failure : await judgeTransaction(transaction, provider, answer);
  const replaced = await readSessionClaims(jar.get(sessionCookies().name));
  if (failure || answer.kind === "failure" || !transaction) {
    const reason = failure ?? stateMismatch;
    // A reload or a step back after a sign-in that worked: this browser is where it wanted to be.
    if (reason.code === "state_mismatch" && replaced && (await judgeSession(replaced, true)).kind === "active") {
      await auditFailedSignIn(provider, reason);
      return withoutTransaction(redirectTo(transaction?.returnTo ?? defaultLanding), transaction);
    }
    return fail(request, provider, transaction, reason);
  }
  return withDeadline(patienceMs, () => exchange(request, provider, { transaction, answer, replaced }));
}

const repeated: SignInFailure = { code: "invalid_request", cause: "repeated_parameter" };
const stateMismatch: SignInFailure = { code: "state_mismatch", cause: "unknown_state" };

async function judgeTransaction(
  transaction: Transaction | null,
  provider: ProviderSettings,
  answer: Exclude<AuthorizationAnswer, { kind: "failure" }>,
): Promise<SignInFailure | null> {
  // Mix-up: an answer that arrives at another provider's door than the one the person was sent to (RFC 9700, section 4.4).
  if (!transaction || transaction.provider !== provider.id) return stateMismatch;
  if (answer.iss !== null && answer.iss !== provider.issuer) return { code: "issuer_mismatch", cause: "iss" };
  try {
    if (!(await spendState(transaction.stateHash, transactionSeconds)))
      return { code: "state_mismatch", cause: "spent_state" };
  } catch (error) {
    return faultOf(error);
  }
  return answer.kind === "error" ? answer.failure : null;
}

async function exchange(
  request: Request,
  provider: ProviderSettings,
  {
    transaction,
    answer,
    replaced,
  }: { transaction: Transaction; answer: AuthorizationAnswer; replaced: SignInContext["replaced"] },
): Promise<Response> {
  if (answer.kind !== "code") return fail(request, provider, transaction, stateMismatch);
  try {
    const metadata = await getMetadata(provider);
    // RFC 9207 section 2.4: a provider that says it names itself has to.
    if (metadata.authorization_response_iss_parameter_supported && answer.iss === null) {
      return await fail(request, provider, transaction, { code: "issuer_mismatch", cause: "iss_missing" });
    }
    const context: SignInContext = { provider, metadata, transaction, replaced: replaced ?? null };
    const answered = await runSignIn(context, async () => enterNextAuth(await composeCallback(transaction, answer)));
    if (!context.opened) {
      giveBack(context);
      return await fail(
        request,
        provider,
        transaction,
        context.failure ?? { code: "invalid_response", cause: "unknown" },
      );
    }
    const response = withoutTransaction(redirectTo(transaction.returnTo), transaction);
    const sealed = sessionCookieOf(answered) ?? (await sessionCookies().seal(context.opened));
    response.headers.append("Set-Cookie", cookieHeader(sessionCookies().name, sealed, cookieLife(context.opened)));
    return response;
  } catch (error) {
    return fail(request, provider, transaction, faultOf(error));
  }
}

/** Gives back what a sign-in that failed will not use: a refresh token at large is a session that nobody sees. */
function giveBack({ provider, tokens }: SignInContext): void {
  if (tokens?.refreshToken)
    afterResponse(() =>
      revokeQuietly([{ provider: provider.id, issuer: provider.issuer, refreshToken: tokens.refreshToken }]),
    );
}

function sessionCookieOf(answered: Response): string | null {
  const prefix = `${sessionCookies().name}=`;
  const header = answered.headers.getSetCookie().find((line) => line.startsWith(prefix));
  return header?.slice(prefix.length).split(";", 1)[0] || null;
}

async function fail(
  request: Request,
  provider: ProviderSettings,
  transaction: Transaction | null,
  failure: SignInFailure,
): Promise<Response> {
  await auditFailedSignIn(provider, failure);
  return withoutTransaction(errorReply(request, failure.code), transaction);
}

function withoutTransaction(response: Response, transaction: Transaction | null): Response {
  if (transaction)
    response.headers.append(
      "Set-Cookie",
      cookieHeader(transactionCookieName("transaction", transaction.stateHash), "", 0),
    );
  return response;
}
