import type { Grant, KoaContextWithOIDC } from "oidc-provider";
import type { IssuerState } from "./issuer-state";
import { permittedScopes } from "./permissions";

/**
 * What the person has let the client have; with their consent to this request, or where the client needs none, also what
 * it asks for now, as far as their roles allow.
 */
export async function loadGrant(state: IssuerState, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { provider, account, client, session } = ctx.oidc;
  if (!account || !client || !session) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known ? await provider.Grant.find(known) : undefined;
  const own = found?.accountId === account.accountId ? found : undefined;
  const consents = ctx.oidc.result?.consent !== undefined || state.clients.get(client.clientId)?.skipConsent === true;
  if (!consents) return own;
  const grant = own ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const scopes = [...ctx.oidc.requestParamOIDCScopes];
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(" "));
  const claims = [...ctx.oidc.requestParamClaims];
  if (claims.length > 0) grant.addOIDCClaims(claims);
  const user = state.users.get(account.accountId);
  // What their roles did not allow before, they may today.
  delete grant.rejected;
  for (const [indicator, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const permitted = user ? permittedScopes(user, [...server.scopes]) : [];
    const others = [...server.scopes].filter((scope) => !permitted.includes(scope));
    if (permitted.length > 0) grant.addResourceScope(indicator, permitted.join(" "));
    if (others.length > 0) grant.rejectResourceScope(indicator, others.join(" "));
  }
  await grant.save();
  return grant;
}
