import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { TokenTarget } from "../oidc/dialects";
import type { ProofKey } from "../oidc/dpop";

/** An access token that may be used now, and what for. */
export interface GrantedToken {
  accessToken: string;
  expiresAt: Date;
  /** What was granted, space-separated. */
  scope: string;
  /** Null for the provider's own userinfo. */
  resource: string | null;
  organization: string | null;
  /** What it is bound to, where it is: each call of its resource has to carry a proof (RFC 9449). It shows nothing of itself. */
  proofKey?: ProofKey;
}

/** What a call of a resource needs of a token. */
export type Credential = Pick<GrantedToken, "accessToken" | "proofKey">;

/** Why there is no token. Callers switch on `kind`: only the second is worth another try. */
export type TokenFailure =
  /** There will be none until somebody does something: the person (`reauthentication_required`), or the operator. */
  | { kind: "refused"; code: ErrorCode }
  /** Nothing is lost: try again later. */
  | { kind: "unavailable"; code: ErrorCode; retryAfterSeconds: number };

export type TokenOutcome = ({ kind: "token" } & GrantedToken) | TokenFailure;

export type ClaimsOutcome<Claims> = { kind: "claims"; claims: Claims } | TokenFailure;

export const reauthenticationRequired = { kind: "refused", code: "reauthentication_required" } as const;

/** A token for `target`, as its caller gets it. */
export function granted(
  { resource, organization }: TokenTarget,
  {
    accessToken,
    expiresAt,
    scope,
    proofKey,
  }: Pick<GrantedToken, "accessToken" | "expiresAt" | "scope"> & {
    proofKey?: ProofKey | null;
  },
): TokenOutcome {
  return {
    kind: "token",
    accessToken,
    expiresAt,
    scope,
    resource: resource === "" ? null : resource,
    organization: organization === "" ? null : organization,
    ...(proofKey && { proofKey }),
  };
}
