import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { databaseFailureCode } from "../db/unavailable";
import { describeError, log } from "../http/log";
import { OidcError } from "../oidc/errors";
import { getMetadata } from "../oidc/metadata";
import { withDeadline } from "../oidc/outbound";
import { parseUserClaims, type UserClaims } from "../oidc/user-claims";
import { fetchUserInfoClaims } from "../oidc/user-info";
import type { Broker } from "./broker";
import type { ClaimsOutcome, TokenOutcome } from "./outcome";
import { reauthenticationRequired } from "./outcome";
import type { TokenOwner } from "./owner";
import type { TokenStore } from "./store";

const target = { resource: "", organization: "", scope: "" };

// A token, an answer, and both once more: somebody waits for it.
const userInfoTimeoutMs = 9_000;

/**
 * What the owner's provider says of them now, or said within `userInfoSeconds` of `daemun.config.ts`. A token that the
 * provider refuses is replaced once. Never throws.
 */
export async function fetchUserInfo(
  { broker, store }: { broker: Broker; store: TokenStore },
  owner: TokenOwner,
): Promise<ClaimsOutcome<UserClaims>> {
  try {
    const seconds = owner.provider.userInfoSeconds;
    const kept = seconds > 0 ? await store.findUserInfo(owner.grantOwner, seconds) : null;
    if (kept) return { kind: "claims", claims: parseUserClaims(kept) };
    const outcome = await withDeadline(userInfoTimeoutMs, () => askTwice(broker, owner));
    if (outcome.kind === "claims" && seconds > 0) await store.keepUserInfo(owner.grantOwner, outcome.claims);
    return outcome;
  } catch (error) {
    return failure(owner, error);
  }
}

async function askTwice(broker: Broker, owner: TokenOwner): Promise<ClaimsOutcome<UserClaims>> {
  const token = await broker.getToken(owner, target);
  const outcome = await ask(owner, token);
  if (outcome !== "refused" || token.kind !== "token")
    return outcome === "refused" ? reauthenticationRequired : outcome;
  const again = await ask(owner, await broker.renewToken(owner, target, { other: token.accessToken }));
  return again === "refused" ? reauthenticationRequired : again;
}

/** Asks with a token, if there is one. `refused` when the provider does not take that token (RFC 6750, section 3.1). */
async function ask(owner: TokenOwner, token: TokenOutcome): Promise<ClaimsOutcome<UserClaims> | "refused"> {
  if (token.kind !== "token") return token;
  const { provider, subject } = owner;
  const { accessToken, proofKey = null } = token;
  // Whom it speaks of could not be told.
  if (subject === null) return { kind: "refused", code: "identity_mismatch" };
  try {
    const claims = await fetchUserInfoClaims(provider, await getMetadata(provider), { accessToken, proofKey, subject });
    return { kind: "claims", claims };
  } catch (error) {
    if (error instanceof OidcError && error.reason === "token_refused") return "refused";
    throw error;
  }
}

const passing: readonly ErrorCode[] = ["provider_unavailable", "provider_timeout"];

function failure({ provider }: TokenOwner, error: unknown): ClaimsOutcome<never> {
  log.warn("userinfo.failed", { provider: provider.id, cause: describeError(error) });
  // First of all: a provider's reset connection looks like a database's underneath.
  if (error instanceof OidcError) {
    const { code } = error;
    if (!passing.includes(code)) return { kind: "refused", code };
    return { kind: "unavailable", code, retryAfterSeconds: Math.min(error.retryAfterSeconds ?? 1, 300) };
  }
  return { kind: "unavailable", code: databaseFailureCode(error), retryAfterSeconds: 5 };
}
