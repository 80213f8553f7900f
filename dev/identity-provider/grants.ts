import type { Grant, KoaContextWithOIDC } from "oidc-provider";
import type { IssuerState } from "./issuer-state";
import { permittedScopes } from "./permissions";

/** Grants whatever was asked for, as far as the person's roles allow: nobody ever sees a consent page. */
export async function grantWithoutAsking(state: IssuerState, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { provider, account, client, session } = ctx.oidc;
  if (!account || !client || !session) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known ? await provider.Grant.find(known) : undefined;
  const grant =
    found?.accountId === account.accountId
      ? found
      : new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const scopes = [...ctx.oidc.requestParamOIDCScopes];
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(" "));
  const claims = [...ctx.oidc.requestParamClaims];
  if (claims.length > 0) grant.addOIDCClaims(claims);
  const person = state.people.get(account.accountId);
  for (const [indicator, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const permitted = person ? permittedScopes(person, [...server.scopes]) : [];
    if (permitted.length > 0) grant.addResourceScope(indicator, permitted.join(" "));
  }
  await grant.save();
  return grant;
}
