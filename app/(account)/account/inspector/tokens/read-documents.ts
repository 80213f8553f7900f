import type { ResourceIndicator } from "@/server/oidc/dialects";
import "server-only";
import { fetchUserInfo, getAccessToken, getAccessTokenClaims } from "@/server/sessions/guards/session-tokens";
import type { ActiveSession } from "@/server/sessions/registry/active-session";
import { findProvider } from "@/server/settings/env";
import { labelIn } from "@/server/settings/labels";
import type { SignInDocument } from "./document";

// Each may take a refresh at the provider, and a table has to stay one that can be read.
const mostResources = 6;

/** What a session's ID token, its userinfo and its access tokens say. No token goes further than this function. */
export async function readDocuments(session: ActiveSession, locale: string): Promise<SignInDocument[]> {
  const resources = findProvider(session.provider)?.resources.slice(0, mostResources) ?? [];
  const [userInfo, ...accessTokens] = await Promise.all([
    readUserInfo(),
    ...resources.map(({ indicator, labels }) => readAccessToken(indicator, labelIn(labels, locale) ?? indicator)),
  ]);
  return [{ kind: "id-token", name: null, claims: session.claims, code: null, until: null }, userInfo, ...accessTokens];
}

async function readUserInfo(): Promise<SignInDocument> {
  const outcome = await fetchUserInfo();
  const about = { kind: "userinfo", name: null, until: null } as const;
  return outcome.kind === "claims"
    ? { ...about, claims: outcome.claims, code: null }
    : { ...about, claims: null, code: outcome.code };
}

async function readAccessToken(indicator: string, name: string): Promise<SignInDocument> {
  const about = { kind: "access-token", name } as const;
  const resource = indicator as ResourceIndicator;
  const token = await getAccessToken({ resource });
  if (token.kind !== "token") return { ...about, claims: null, code: token.code, until: null };
  const said = await getAccessTokenClaims({ resource });
  // One that is no JWT can be read by its resource alone.
  return { ...about, claims: said.kind === "claims" ? said.claims : null, code: null, until: token.expiresAt };
}
