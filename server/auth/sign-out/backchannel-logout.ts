import "server-only";
import { createHash } from "node:crypto";
import type { ErrorCode } from "@/edge/error-codes";
import type { Prisma } from "@/prisma/generated/client";
import { auditAtOnce, audited } from "../../audit/audit";
import { databaseFailureCode } from "../../db/unavailable";
import { errorJson, shut } from "../../http/error-reply";
import { isForm, readBody } from "../../http/form-body";
import { describeError, log } from "../../http/log";
import { secondsOverLimit } from "../../limits/limit";
import { OidcError } from "../../oidc/errors";
import { type LogoutClaims, verifyLogoutToken } from "../../oidc/logout-token";
import { getMetadata } from "../../oidc/metadata";
import { withDeadline } from "../../oidc/outbound";
import type { EndedSessions } from "../../sessions/registry/end-sessions";
import { findProvider } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { lockLogoutOrder } from "./early-logout";
import { endForProvider, ownersOf, revokeWhatEndsWithTheSession } from "./provider-logout";

const largestLogoutRequestBytes = 64 * 1024;

// Metadata and keys together: the provider is waiting, and will ask again.
const logoutTokenTimeoutMs = 5000;

// Longer than any token is accepted that could come again, and than a sign-in can be on its way.
const logoutTokenKeptMs = 2 * 60 * 60 * 1000;

/**
 * `POST /api/oidc/[provider]/backchannel-logout`: a logout token from the provider. 200 once its sessions have ended;
 * 400 for whatever went wrong, here or there, so that the provider sends it again.
 *
 * Source: OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8.
 */
export async function receiveBackchannelLogout(request: Request, providerId: string): Promise<Response> {
  const response = await answer(request, providerId);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

async function answer(request: Request, providerId: string): Promise<Response> {
  if (request.method !== "POST") return shut(405, { Allow: "POST" });
  const provider = findProvider(providerId);
  if (!provider) return errorJson("unknown_provider");
  const receivedAt = new Date();
  try {
    const token = await readLogoutToken(request);
    const claims = await withDeadline(logoutTokenTimeoutMs, async () =>
      verifyLogoutToken(token, provider, await getMetadata(provider), { now: receivedAt }),
    );
    const ended = await carryOut(provider, claims, receivedAt);
    revokeWhatEndsWithTheSession(ended.grants);
    return new Response(null, { status: 200 });
  } catch (error) {
    const { reason, cause } = faultOf(error);
    // Anybody may send what is no token of the provider's. A true one is never refused for it, nor is one that comes again.
    const isStrangers = error instanceof TooLarge || (error instanceof OidcError && isTokensFault(error));
    const retryAfterSeconds = isStrangers ? await secondsOverLimit("logout-token") : null;
    if (retryAfterSeconds !== null) return errorJson("rate_limited", { retryAfterSeconds });
    await noteRejected(provider, reason, cause);
    return errorJson(reason === "payload_too_large" ? reason : "invalid_request");
  }
}

/** Whether it is the token that was wrong, and not the provider that could not be asked for its keys. */
function isTokensFault({ code, detail }: OidcError): boolean {
  return (code === "invalid_request" || code === "clock_skew") && detail !== replay;
}

async function noteRejected({ id, issuer }: ProviderSettings, reason: ErrorCode, cause: string): Promise<void> {
  const event = "sign_out.backchannel_rejected";
  await auditAtOnce({ event, outcome: "failure", reason, provider: id, issuer, detail: { cause } });
}

const replay = "replay";

class TooLarge extends Error {}

async function readLogoutToken(request: Request): Promise<string> {
  const body = await readBody(request, largestLogoutRequestBytes);
  if (body === null) throw new TooLarge();
  if (!isForm(request)) throw new OidcError("invalid_request", "media_type");
  // Other parameters may come along (section 2.5); of this one, two readers could choose differently.
  const [token, ...others] = new URLSearchParams(body.toString("utf8")).getAll("logout_token");
  if (!token || others.length > 0) throw new OidcError("invalid_request", "logout_token");
  return token;
}

/** Ends what the token names, or nothing: with the record that keeps it from being carried out twice, and the audit row. */
function carryOut(provider: ProviderSettings, claims: LogoutClaims, receivedAt: Date): Promise<EndedSessions> {
  const { issuer, subject, providerSessionId } = claims;
  // To the second, as nearly all providers write it.
  const issuedAt = new Date(Math.floor(claims.issuedAt) * 1000);
  return audited(async (tx, audit) => {
    // With a session id, that alone says which sign-ins are meant; a subject beside it only narrows them.
    await lockLogoutOrder(tx, { issuer, providerSessionId, subject: providerSessionId === null ? subject : null });
    const expiresAt = new Date(receivedAt.getTime() + logoutTokenKeptMs);
    const row = { id: tokenId(claims), issuer, subject, providerSessionId, issuedAt, receivedAt, expiresAt };
    const { count: isNew } = await tx.logoutToken.createMany({ data: [row], skipDuplicates: true });
    if (isNew === 0) throw new OidcError("invalid_request", replay);
    const ended = await endForProvider(tx, sessionsOf(claims, issuedAt), receivedAt);
    await audit({
      event: "sign_out.backchannel",
      outcome: "success",
      ...ownersOf(ended),
      provider: provider.id,
      issuer,
      detail: { by: providerSessionId === null ? "sub" : "sid", count: ended.count },
    });
    return ended;
  });
}

function sessionsOf({ issuer, subject, providerSessionId }: LogoutClaims, issuedAt: Date): Prisma.SessionWhereInput {
  if (providerSessionId !== null) return { issuer, providerSessionId, ...(subject !== null && { subject }) };
  if (subject === null) throw new Error("A logout token names a session or a subject.");
  // A session that began in a later second is none that the provider meant. Both times are by its clock.
  return { issuer, subject, issuedAt: { lt: new Date(issuedAt.getTime() + 1000) } };
}

function tokenId({ issuer, jti }: LogoutClaims): string {
  return createHash("sha256").update(`${issuer}\n${jti}`).digest("base64url");
}

function faultOf(error: unknown): { reason: ErrorCode; cause: string } {
  if (error instanceof TooLarge) return { reason: "payload_too_large", cause: "body" };
  if (error instanceof OidcError) return { reason: error.code, cause: error.detail };
  log.error("sign_out.backchannel_fault", { cause: describeError(error) });
  return { reason: databaseFailureCode(error), cause: "exception" };
}
