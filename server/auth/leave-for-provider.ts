import "server-only";
import { cookieHeader } from "../http/cookie-jar";
import { authorizationRequest } from "../oidc/dialects";
import { OidcError } from "../oidc/errors";
import type { ProviderMetadata } from "../oidc/metadata";
import type { ProviderSettings } from "../provider-settings";
import {
  hashState,
  surplusTransactions,
  transactionCookieName,
  transactionSeconds,
} from "../sessions/transaction-cookies";
import { composeStart, readChecks } from "./compose-request";
import { enterNextAuth } from "./next-auth";
import { runSignIn } from "./sign-in-context";
import { sealTransaction, type Transaction } from "./transaction";

interface Departure extends Pick<Transaction, "returnTo" | "remember" | "stepUp"> {
  /** What the authorization request says besides what NextAuth writes; already judged. */
  parameters: ReadonlyMap<string, string>;
  /** The browser's cookies. */
  jar: ReadonlyMap<string, string>;
}

/**
 * Has NextAuth make the authorization request, moves its checks into one transaction cookie of ours, and sends the
 * browser off.
 *
 * @throws OidcError `provider_misconfigured` when NextAuth would send it elsewhere than metadata says
 */
export async function leaveForProvider(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { parameters, jar, ...kept }: Departure,
): Promise<Response> {
  const started = await runSignIn({ provider, metadata }, () => enterNextAuth(composeStart(provider.id)));
  const checks = await readChecks(started);
  const address = started.headers.get("location") ?? "";
  const location = URL.canParse(address) ? new URL(address) : null;
  const endpoint = new URL(metadata.authorization_endpoint);
  if (!checks || location?.origin !== endpoint.origin || location.pathname !== endpoint.pathname) {
    throw new OidcError("provider_misconfigured", "start");
  }
  const request = authorizationRequest(provider);
  location.searchParams.set("scope", request.scope);
  for (const [name, value] of request.parameters) location.searchParams.append(name, value);
  for (const [name, value] of parameters) location.searchParams.set(name, value);

  const stateHash = hashState(checks.state);
  const sealed = await sealTransaction({
    provider: provider.id,
    stateHash,
    verifier: checks.verifier,
    nonce: checks.nonce,
    startedAt: Date.now() / 1000,
    ...kept,
  });
  const name = transactionCookieName("transaction", stateHash);
  const headers = new Headers({ Location: location.href, "Cache-Control": "private, no-store" });
  for (const surplus of await surplusTransactions(jar, name.length + sealed.length)) {
    headers.append("Set-Cookie", cookieHeader(surplus, "", 0));
  }
  headers.append("Set-Cookie", cookieHeader(name, sealed, transactionSeconds));
  return new Response(null, { status: 302, headers });
}
