import "server-only";
import type { Preset } from "./preset";

/**
 * Microsoft Entra ID. Sources: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc (endpoints, tenants),
 * …/claims-validation (which claims name a user and a tenant), …/optional-claims-reference (`xms_edov`, `groups`).
 *
 * Its issuer is `https://login.microsoftonline.com/<tenant id>/v2.0`; with `organizations`, `consumers` or `common` in place of
 * the id it signs in users of many tenants, and `signIn.tenants` has to say of which.
 */
export const entra: Preset = {
  names: { en: "Microsoft", ko: "Microsoft" },
  issuerForm: "https://login.microsoftonline.com/<tenant id>/v2.0",
  accountPage: "https://myaccount.microsoft.com/",
  tenants: {
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    shared: ["organizations", "consumers", "common"],
  },
  scope: "openid profile email offline_access",
  // Userinfo is Microsoft Graph's.
  endpointHosts: ["graph.microsoft.com"],
  tokenDialect: "scope",
  claims: { roles: "roles", organizations: "tid" },
  // Administrators of any tenant may write what they like into `email`: only this optional claim says that the domain is theirs.
  emailProof: { claim: "xms_edov", orText: true },
  idTokenAlg: "RS256",
};
