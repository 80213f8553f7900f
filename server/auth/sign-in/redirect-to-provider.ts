import "server-only";
import { chosenLocale } from "../../http/chosen-locale";
import { requireSupported } from "../../oidc/client-authentication";
import { authorizationRequest } from "../../oidc/dialects";
import { OidcError } from "../../oidc/errors";
import type { ProviderMetadata } from "../../oidc/metadata";
import { asAsked } from "../../oidc/offline-access";
import { authorizationAddress } from "../../oidc/pushed-authorization";
import { stateFrom } from "../../sessions/aliases/ticket";
import { hashState } from "../../sessions/cookies/transaction-cookies";
import type { ProviderSettings } from "../../settings/providers";
import { composeStart, readChecks } from "../next-auth/compose-request";
import { askForAuthorization } from "../next-auth/next-auth";
import { type Transaction, transactions } from "./transaction";

interface Asked {
  /** What the authorization request says besides what NextAuth writes; already judged. */
  parameters: ReadonlyMap<string, string>;
  /** The browser's cookies. */
  jar: ReadonlyMap<string, string>;
  /** Of the request that is answered: they say by which address the browser reached the app. */
  headers: Headers;
}

type Departure = Asked & Pick<Transaction, "returnTo" | "remember" | "fresh" | "stepUp">;

/**
 * Has NextAuth make the authorization request, moves its checks into one transaction cookie of ours, and sends the
 * browser off. @throws whatever {@link composeAuthorization} throws
 */
export async function redirectToProvider(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { parameters, jar, headers, ...kept }: Departure,
): Promise<Response> {
  const { address, begun } = await composeAuthorization(provider, metadata, { parameters, jar, headers });
  return transactions.sendOff(address, { ...begun, ...kept }, jar);
}

/**
 * Has NextAuth make an authorization request. Answers where to send the browser, and what has to be the same when it is back.
 *
 * @throws OidcError `provider_misconfigured` when NextAuth would send it elsewhere than metadata says, or the provider
 *   wants what this app does not do; whatever {@link authorizationAddress} throws
 */
export async function composeAuthorization(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { parameters, jar, headers }: Asked,
): Promise<{ address: URL; begun: Pick<Transaction, "provider" | "stateHash" | "verifier" | "nonce" | "startedAt"> }> {
  requireSupported(provider, metadata);
  const started = await askForAuthorization(provider, metadata, composeStart(provider.id));
  const written = started.headers.get("location") ?? "";
  const location = URL.canParse(written) ? new URL(written) : null;
  const checks = location && (await readChecks(started, location));
  const endpoint = new URL(metadata.authorization_endpoint);
  if (!checks || location?.origin !== endpoint.origin || location.pathname !== endpoint.pathname) {
    throw new OidcError("provider_misconfigured", "start");
  }
  const request = authorizationRequest(asAsked(provider, metadata));
  location.searchParams.set("scope", request.scope);
  // It would come back in an ID token alone.
  if (provider.oauth2) location.searchParams.delete("nonce");
  for (const [name, value] of request.parameters) location.searchParams.append(name, value);
  const locale = chosenLocale(jar);
  if (locale !== null) location.searchParams.set("ui_locales", locale);
  if (provider.responseMode !== "query") location.searchParams.set("response_mode", provider.responseMode);
  for (const [name, value] of parameters) location.searchParams.set(name, value);

  const { verifier, nonce } = checks;
  const state = await stateFrom(headers, `sign-in:${provider.id}`, checks.state);
  location.searchParams.set("state", state);
  const begun = { provider: provider.id, stateHash: hashState(state), verifier, nonce, startedAt: Date.now() / 1000 };
  return { address: await authorizationAddress(provider, metadata, location), begun };
}
