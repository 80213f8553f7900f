import "server-only";

/*
 * What an app's own pages, actions and route handlers import; beside it they need only `@/ui/…`. The names stay, whatever
 * moves below `server/`. docs/extending.md shows them in use. It re-exports on purpose, and is the only module that does:
 * docs/decisions/0025-auth-ts-is-the-public-surface.md.
 */

// Who is asking, and whether they may.

export {
  authenticated,
  type BearerRouteRequirement,
  type RouteInput,
  type RouteRequirement,
  type UserInfoInput,
} from "./server/sessions/guards/authenticated";
export type {
  BearerRequirement,
  Caller,
  CallerToken,
  SessionCaller,
  TokenCaller,
} from "./server/sessions/guards/bearer/caller";
export { getCurrentSession } from "./server/sessions/guards/current-session";
export { getOrganizations, type Organization } from "./server/sessions/guards/organizations";
export {
  requireSession,
  type SessionRequirement,
  type SessionWithUserInfo,
} from "./server/sessions/guards/require-session";
export type { Requirement } from "./server/sessions/guards/requirement";
export type { ActiveSession } from "./server/sessions/registry/active-session";
export type { ProviderId, Role } from "./server/settings/names";

// To sign in and out, from anywhere.

export { type SignInOptions, type SignOptions, signIn, signOut } from "./server/forms/actions";
export { SignIn, type SignInProps } from "./server/forms/sign-in";
export { SignOut, type SignOutProps } from "./server/forms/sign-out";

// What NextAuth's users know: docs/migrating.md.

export { type AuthenticatedRequest, auth, unstable_update } from "./server/sessions/guards/auth";
export type { Session } from "./server/sessions/registry/client-session";

// Their tokens. None of these throws: `kind` says what came.

export type { ResourceIndicator, TokenRequest } from "./server/oidc/dialects";
export {
  fetchUserInfo,
  getAccessToken,
  getAccessTokenClaims,
  getGrantedScopes,
  getIdTokenClaims,
  getOrganizationToken,
  getOrganizationTokenClaims,
} from "./server/sessions/guards/session-tokens";
export type { ClaimsOutcome, GrantedToken, TokenFailure, TokenOutcome } from "./server/tokens/outcome";

// What their provider says about them.

export { isMemberOf, parseUserClaims, rolesIn, timeOfClaim, type UserClaims } from "./server/oidc/user-claims";

// The services of daemun.config.ts.

export { callService, type ServiceCall } from "./server/services/call-service";
export { type Connection, listConnections } from "./server/services/connections";
export { ServiceError } from "./server/services/errors";
export { getService, getServices, type KnownService, mayCall } from "./server/services/known-service";
export { fetchServiceUserInfo } from "./server/services/service-user-info";
export { getServiceLoad, type ServiceLoad } from "./server/services/shares";
export { scopeNames, serviceName } from "./server/settings/labels";
export type { ServiceId } from "./server/settings/services";

// What a route handler answers. Client components have the codes from `@/edge/error-codes`.

export { type ErrorCode, errorStatus, isErrorCode } from "./edge/error-codes";
export { errorJson, type Failure, failureJson, type Retry } from "./server/http/error-reply";

// For what changes something: whether our own pages asked for it, and a row in the audit trail where they did not.

export { parseReturnPath } from "./edge/return-path";
export { isOwnCall, isSameOrigin } from "./server/http/same-origin";
export { formToken, isOwnFormToken } from "./server/sessions/cookies/form-token";
export { auditDenial, auditForgery } from "./server/sessions/guards/denial";

// The database, for tables and fields of an app's own. What is not its own may change with each version.

export { db } from "./server/db/client";
