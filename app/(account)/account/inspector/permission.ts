import type { ErrorCode } from "@/edge/error-codes";

/** What the page knows of one permission: never the token itself. */
export interface Permission {
  kind: "resource" | "organization";
  /** The resource's indicator, or the organization's id. */
  id: string;
  /** What people call it: a resource by its label in configuration, an organization as its provider does; null for neither. */
  name: string | null;
  /** What people call its scopes. */
  scopeNames: Readonly<Record<string, string>>;
  /** The person's roles in the organization. */
  roles: string[];
  standing: Standing;
}

export type Standing =
  | {
      state: "usable";
      until: Date;
      /** What was granted. */
      scopes: string[];
      /** What the access token says; null where only the resource can read it. */
      claims: Record<string, unknown> | null;
    }
  | Failure;

export interface Failure {
  /** Later it may work again; only after a sign-in; not for this person or app. */
  state: "unavailable" | "reauthenticate" | "refused";
  code: ErrorCode;
}

/**
 * The failure that all of them share, to be told once. Of a single one it is told where it stands: null. Whether a provider
 * is away or slow, or which way a session ended, is no other reason: whoever waits behind the first is told the outcome.
 */
export function sharedFailure(permissions: readonly Permission[]): Failure | null {
  const [first, ...others] = permissions.map(({ standing }) => standing);
  if (!first || first.state === "usable" || others.length === 0) return null;
  const isAlike = (standing: Standing) =>
    standing.state === first.state && (standing.state !== "refused" || standing.code === first.code);
  return others.every(isAlike) ? first : null;
}
