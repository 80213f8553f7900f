import "server-only";
import * as openid from "openid-client";
import { noteCut } from "../http/note-cut";
import { OidcError } from "../oidc/errors";
import { verifyIdToken } from "../oidc/id-token";
import { getMetadata } from "../oidc/metadata";
import { openidClientFor } from "../oidc/openid-client";
import { storable } from "../oidc/storable";
import { tokenReader } from "../oidc/token-endpoint";
import type { ConnectTransaction } from "./connect-transaction";
import type { ConnectionTokens } from "./connections";
import { type ConnectableService, callbackOf, providerOf } from "./service-provider";

// One that can be renewed is: a service that does not say how long is asked again soon, and one that promises more than a
// day can change its mind earlier. One that cannot lasts as long as the service says, or until it is refused.
const unsaidSeconds = 300;
const longestSeconds = 86_400;
const foreverSeconds = 10 * 365 * 86_400;

/**
 * The code exchange (RFC 6749, section 4.1.3), by `openid-client`. An ID token is verified as at a sign-in, and names whom
 * the connection is of.
 *
 * @param search the callback's query, as it came
 * @throws OidcError, or what `openid-client` throws
 */
export async function exchangeCode(
  service: ConnectableService,
  { verifier, nonce, scope }: ConnectTransaction,
  { search, state }: { search: URLSearchParams; state: string },
): Promise<ConnectionTokens> {
  const provider = providerOf(service);
  const metadata = await getMetadata(provider);
  const address = new URL(callbackOf(service.id));
  address.search = search.toString();
  // RFC 9207 section 2.4: a service that says it names itself has to. One without discovery has no name that we know: it
  // is told from others by its own callback (RFC 9700, section 4.4.2).
  if (provider.endpoints) address.searchParams.delete("iss");
  else if (metadata.authorization_response_iss_parameter_supported && !search.has("iss"))
    throw new OidcError("issuer_mismatch", "iss_missing");
  const wantsIdToken = nonce !== null;
  const askedAt = Date.now();
  // One that was not asked for is not looked at.
  const read = tokenReader(({ id_token, ...others }) => (wantsIdToken ? { ...others, id_token } : others));
  const tokens = await openid.authorizationCodeGrant(await openidClientFor(provider, metadata, read), address, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    ...(wantsIdToken && { expectedNonce: nonce, idTokenExpected: true }),
  });
  const { access_token: accessToken, id_token: idToken, refresh_token: refreshToken } = tokens;
  // It travels in a header: RFC 6750, section 2.1.
  if (!/^[\x21-\x7e]{1,16384}$/.test(accessToken)) throw new OidcError("invalid_response", "access_token");
  if (tokens.token_type.toLowerCase() !== "bearer") throw new OidcError("invalid_response", "token_type");
  const claims =
    wantsIdToken && idToken !== undefined
      ? await verifyIdToken(idToken, provider, metadata, { nonce, accessToken })
      : null;
  const seconds = secondsOf(tokens.expires_in, refreshToken !== undefined);
  return {
    accessToken,
    expiresAt: new Date(askedAt + seconds * 1000),
    scope: tokens.scope === undefined ? scope : scopesIn(service.id, tokens.scope, provider.endpoints ? /[ ,]+/ : / +/),
    refreshToken: refreshToken ?? null,
    idToken: claims && idToken ? idToken : null,
    subject: claims?.sub ?? null,
    accountLabel: claims && accountLabelOf(claims),
  };
}

function secondsOf(said: number | undefined, isRenewable: boolean): number {
  const [unsaid, longest] = isRenewable ? [unsaidSeconds, longestSeconds] : [foreverSeconds, foreverSeconds];
  return Math.min(Math.max(said ?? unsaid, 1), longest);
}

/** The scopes among what a service says it granted (RFC 6749, section 3.3); those without discovery use commas too. */
function scopesIn(service: string, said: string, separator: RegExp): string {
  const words = said.split(separator).filter((word) => word !== "");
  const scopes = words.filter((word) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(word));
  if (scopes.length < words.length) noteCut(service, "scope", { kept: scopes.length, of: words.length });
  return [...new Set(scopes)].join(" ");
}

// Longer than any address, shorter than what a page could not show.
const longestLabel = 320;

/** What people know an account by: its address, else its user name, else its name. Shown to its owner, and relied on for nothing. */
function accountLabelOf(claims: Readonly<Record<string, unknown>>): string | null {
  const said = [claims.email, claims.preferred_username, claims.username, claims.name].map(storable);
  const label = said.find((text): text is string => typeof text === "string" && text.trim() !== "");
  return label === undefined ? null : label.trim().slice(0, longestLabel).toWellFormed();
}
