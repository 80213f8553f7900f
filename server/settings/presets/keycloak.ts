import "server-only";
import type { Preset } from "./preset";

/**
 * Keycloak 26. Sources: its documentation (server_admin: offline access, organizations, client registration of logouts) and
 * https://www.keycloak.org/securing-apps/oidc-layers.
 *
 * `offline_access` is not asked for: a refresh token of the SSO session does, and an offline one would outlive the logout that an
 * administrator orders. Roles are in the access token by default; the mappers "realm roles" and "client roles" have to be told
 * to add them to the ID token or userinfo (docs/providers/keycloak.md).
 */
export const keycloak: Preset = {
  names: { en: "Keycloak", ko: "Keycloak" },
  issuerForm: "https://<host>/realms/<realm>",
  accountPage: "{issuer}/account",
  scope: "openid profile email",
  scopesWhereSupported: ["organization:*"],
  // Two `resource` parameters are refused as a duplicated one: an API is named by the client scopes that add its audience.
  tokenDialect: "scopes",
  claims: {
    roles: ["realm_access.roles", "resource_access.{clientId}.roles", "roles"],
    organizations: "organization",
  },
  revocation: "grant",
};
