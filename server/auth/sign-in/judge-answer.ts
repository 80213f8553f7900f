import "server-only";
import { log } from "../../http/log";
import type { AuthorizationAnswer } from "../../oidc/authorization-answer";
import { discoveredIssuer, isIssuerOf } from "../../oidc/issuer";
import { noteRefusedScope } from "../../oidc/offline-access";
import { saidForLog } from "../../oidc/said";
import { spendState } from "../../sessions/cookies/transaction-cookies";
import type { ProviderSettings } from "../../settings/providers";
import { faultOf, type SignInFailure } from "./failed-sign-in";
import type { Transaction } from "./transaction";

export const stateMismatch: SignInFailure = { code: "state_mismatch", cause: "unknown_state" };

/**
 * Why an answer of a provider does not go with the transaction of this browser, or says that nothing came of it; else null.
 * Spends the `state`: whatever is judged here is judged once. Never throws.
 */
export async function judgeAnswer(
  transaction: Pick<Transaction, "provider" | "stateHash" | "returnTo"> | null,
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
