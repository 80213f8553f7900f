import type { ResourceIndicator } from "@/server/oidc/dialects";
import "server-only";
import { knowsOrganizations } from "@/server/oidc/dialects";
import { rolesIn } from "@/server/oidc/user-claims";
import {
  getAccessToken,
  getAccessTokenClaims,
  getGrantedScopes,
  getIdTokenClaims,
  getOrganizationToken,
  getOrganizationTokenClaims,
} from "@/server/sessions/guards/session-tokens";
import type { ActiveSession } from "@/server/sessions/registry/active-session";
import { nameOfOrganization } from "@/server/sessions/registry/organization";
import { isSessionEnd } from "@/server/sessions/registry/session-end";
import { findProvider } from "@/server/settings/env";
import { labelIn, scopeNames } from "@/server/settings/labels";
import type { TokenFailure } from "@/server/tokens/outcome";
import type { Failure, Permission, Standing } from "./permission";

// Each may take one refresh at the provider, one after the other.
const mostOrganizations = 12;

export interface Permissions {
  resources: Permission[];
  organizations: Permission[];
  /** How many organizations the person has beyond those. */
  moreOrganizations: number;
  /** The scopes that the provider granted at the sign-in; none where that cannot be said. */
  granted: readonly string[];
  /** What configuration calls scopes of a sign-in. */
  scopeNames: Readonly<Record<string, string>>;
}

/** What this app may do for the person at the API resources and in the organizations of their provider. */
export async function readPermissions(session: ActiveSession, locale: string): Promise<Permissions> {
  const { provider: id, organizationNames } = session;
  const provider = findProvider(id);
  // One that is no longer configured gives nothing.
  if (!provider) return { resources: [], organizations: [], moreOrganizations: 0, granted: [], scopeNames: {} };
  const claims = await getIdTokenClaims();
  const listed = knowsOrganizations(provider) ? [...new Set(claims?.organizations ?? [])] : [];
  const [resources, organizations] = await Promise.all([
    Promise.all(
      provider.resources.map(async ({ indicator, labels, scopeLabels }) => ({
        kind: "resource" as const,
        id: indicator,
        name: labelIn(labels, locale),
        scopeNames: scopeNames([scopeLabels], locale),
        roles: [],
        standing: await readStanding(
          () => getAccessToken({ resource: indicator as ResourceIndicator }),
          () => getAccessTokenClaims({ resource: indicator as ResourceIndicator }),
        ),
      })),
    ),
    Promise.all(
      listed.slice(0, mostOrganizations).map(async (organization) => ({
        kind: "organization" as const,
        id: organization,
        name: nameOfOrganization(organizationNames, organization),
        scopeNames: {},
        roles: claims ? rolesIn(claims, organization) : [],
        standing: await readStanding(
          () => getOrganizationToken(organization),
          () => getOrganizationTokenClaims(organization),
        ),
      })),
    ),
  ]);
  // After the tokens: asking for one may have shown that the grant is over.
  const granted = await getGrantedScopes();
  return {
    resources,
    organizations,
    moreOrganizations: Math.max(0, listed.length - mostOrganizations),
    granted: granted.kind === "scopes" ? granted.scopes : [],
    // A sign-in asks for those of APIs too.
    scopeNames: scopeNames(
      [...provider.resources.map((resource) => resource.scopeLabels), provider.scopeLabels],
      locale,
    ),
  };
}

/** How one permission stands. The token itself goes no further than this function. */
async function readStanding(
  getToken: typeof getAccessToken,
  getClaims: typeof getAccessTokenClaims,
): Promise<Standing> {
  const token = await getToken();
  if (token.kind !== "token") return failureOf(token);
  const said = await getClaims();
  // `invalid_response`: it is none that can be read here.
  if (said.kind !== "claims" && said.code !== "invalid_response") return failureOf(said);
  return {
    state: "usable",
    until: token.expiresAt,
    scopes: token.scope.split(" ").filter((scope) => scope !== ""),
    claims: said.kind === "claims" ? said.claims : null,
  };
}

function failureOf({ kind, code }: TokenFailure): Failure {
  const needsSignIn = code === "reauthentication_required" || code === "not_authenticated" || isSessionEnd(code);
  return { state: kind === "refused" && needsSignIn ? "reauthenticate" : kind, code };
}
