import { type Dialect, everyScope, fullName, resourceOf, targetScopeParameter } from "../dialect";
import { organizationAudience, type Resources } from "../permissions";

/** What the translation has to know about an issuer. */
export interface DialectContext {
  dialect: Dialect;
  resources: Resources;
}

/** Logto's SDKs name it when they ask for organizations; the scope is what asks. */
const organizationsResource = "urn:logto:resource:organizations";

/**
 * The parameters of an authorization request as the library knows them; the very same object when there is nothing to
 * change, so that what is malformed stays so.
 */
export function translateAuthorization(context: DialectContext, asked: URLSearchParams): URLSearchParams {
  const targets = authorizationTargets(context, asked);
  if (targets === null) return asked;
  const inside = withTargets(asked, targets);
  const scope = asked.get("scope");
  if (context.dialect === "scope" && scope !== null) {
    const scopes = wordsOf(scope).flatMap((word) => expanded(word, targets, context.resources));
    inside.set("scope", scopes.join(" "));
  }
  return inside;
}

/** The same for a token request. */
export function translateTokenRequest(context: DialectContext, asked: URLSearchParams): URLSearchParams {
  const targets = tokenTargets(context, asked);
  if (targets === null) return asked;
  const inside = withTargets(asked, targets);
  const scope = asked.get("scope");
  if (targets.length > 0 && scope !== null) {
    inside.delete("scope");
    inside.set(targetScopeParameter, scope);
  }
  return inside;
}

/** What is asked to be authorized; null when the request can go through as it is. */
function authorizationTargets({ dialect, resources }: DialectContext, asked: URLSearchParams): string[] | null {
  if (asked.size === 0) return null;
  if (dialect === "scope") return targetsOf(asked.get("scope"), resources);
  if (dialect === "scopes") return ownersOf(asked.get("scope"), resources);
  if (dialect === "audience") return [asked.get("audience") ?? ""].filter(Boolean);
  const named = asked.getAll("resource");
  return named.includes(organizationsResource) ? named.filter((name) => name !== organizationsResource) : null;
}

/** What a token is asked for, likewise. */
function tokenTargets({ dialect, resources }: DialectContext, form: URLSearchParams): string[] | null {
  if (form.size === 0) return null;
  const refreshes = form.get("grant_type") === "refresh_token";
  if (dialect === "resource") {
    const organization = form.get("organization_id");
    // Together with a resource it makes that resource's token the organization's (targets.ts).
    const alone = refreshes && organization && !form.get("resource");
    return alone ? [organizationAudience(organization)] : null;
  }
  if (dialect === "scopes") return refreshes ? ownersOf(form.get("scope"), resources) : [];
  if (dialect === "audience") {
    const audience = form.get("audience");
    return refreshes && audience ? [audience] : [];
  }
  return targetsOf(form.get("scope"), resources);
}

function withTargets(asked: URLSearchParams, targets: readonly string[]): URLSearchParams {
  const inside = new URLSearchParams(asked);
  inside.delete("resource");
  for (const target of targets) inside.append("resource", target);
  return inside;
}

function targetsOf(scope: string | null, resources: Resources): string[] {
  const named = wordsOf(scope).map((word) => resourceOf(word, Object.keys(resources)));
  return [...new Set(named.filter((indicator) => indicator !== null))];
}

/** The resources that scopes belong to, where only their own names say so. */
function ownersOf(scope: string | null, resources: Resources): string[] {
  const named = wordsOf(scope);
  return Object.keys(resources).filter((indicator) => resources[indicator]?.some((known) => named.includes(known)));
}

// Consent to `.default` is consent to all there is.
function expanded(scope: string, targets: readonly string[], resources: Resources): string[] {
  const indicator = targets.find((target) => scope === fullName(target, everyScope));
  if (indicator === undefined) return [scope];
  return (resources[indicator] ?? []).map((known) => fullName(indicator, known));
}

function wordsOf(scope: string | null): string[] {
  return scope?.split(" ").filter(Boolean) ?? [];
}
