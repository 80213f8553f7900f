import type { KoaContextWithOIDC } from "oidc-provider";
import type { IssuerState } from "./issuer-state";
import { interactionPolicy } from "./library";

export const authenticationLevels = ["urn:daemun:acr:1", "urn:daemun:acr:2"] as const;
type AuthenticationLevel = (typeof authenticationLevels)[number];

/** How somebody is authenticated at each level (RFC 8176 names). */
export const methodsOf: Record<AuthenticationLevel, string[]> = {
  "urn:daemun:acr:1": ["pwd"],
  "urn:daemun:acr:2": ["pwd", "otp", "mfa"],
};

/** The first level that was asked for and exists; the lowest when none was (`acr_values` is voluntary). */
export function levelFor(acrValues: unknown): AuthenticationLevel {
  const asked = typeof acrValues === "string" ? acrValues.split(" ") : [];
  return asked.map(knownLevel).find((level) => level !== undefined) ?? authenticationLevels[0];
}

function knownLevel(value: string): AuthenticationLevel | undefined {
  return authenticationLevels.find((level) => level === value);
}

/**
 * When somebody must be asked. `create` and `select_account` are added to the library's own prompts;
 * `prompt=consent` shows nothing for a client that skips consent.
 */
export function interactionPrompts(state: IssuerState): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const asksForConsent = ({ oidc }: KoaContextWithOIDC) =>
    oidc.promptPending("consent") && state.clients.get(oidc.client?.clientId ?? "")?.skipConsent !== true;
  policy.get("consent")?.checks.remove("consent_prompt");
  policy
    .get("consent")
    ?.checks.add(new interactionPolicy.Check("consent_prompt", "consent prompt was not resolved", asksForConsent));
  policy.add(new interactionPolicy.Prompt({ name: "create", requestable: true }), 0);
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 1);
  // Somebody who was removed while signed in.
  policy
    .get("login")
    ?.checks.add(
      new interactionPolicy.Check("account_missing", "the account is gone", ({ oidc }) =>
        Boolean(oidc.session?.accountId && !oidc.account && !oidc.result?.login),
      ),
    );
  policy
    .get("login")
    ?.checks.add(new interactionPolicy.Check("acr_values", "a stronger sign-in is required", needsStepUp));
  return policy;
}

// A live session signs in silently only when its level is one of those that were asked for.
function needsStepUp({ oidc }: KoaContextWithOIDC): boolean {
  const asked = typeof oidc.params?.acr_values === "string" ? oidc.params.acr_values.split(" ") : [];
  const possible = asked.filter((value) => knownLevel(value) !== undefined);
  if (possible.length === 0 || oidc.result?.login) return false;
  return !possible.includes(oidc.session?.acr ?? "");
}
