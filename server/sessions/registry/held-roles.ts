import "server-only";
import { env } from "../../settings/env";
import { adminRoles, trustsRoles } from "./policy";

/** What decides which roles a session holds. */
export interface RoleSources {
  provider: string;
  /** The provider's `sub`. */
  subject: string;
  /** As the provider says them. */
  roles: readonly string[];
  /** Not null while the provider has to confirm who a remembered session is of, or since it refused to stand by the session. */
  confirmation?: string | null;
  user: { adminSince: Date | null };
}

/**
 * The roles of a session: those that its provider says, where that is trusted with roles; and, for whom this app's operators have
 * named an administrator, all that open `/admin`.
 */
export function heldRoles({ provider, subject, roles, confirmation = null, user }: RoleSources): string[] {
  // Configuration may have taken its trust back since the sign-in.
  const said = trustsRoles(provider) ? roles : [];
  // Until it is known who is there, they hold none, and none where the provider refused: `drop-roles` means these too. Those of
  // the provider the row has lost by itself.
  if (confirmation !== null) return [...said];
  const isNamed = user.adminSince !== null || isAdminSubject(provider, subject);
  return isNamed ? [...new Set([...said, ...adminRoles()])] : [...said];
}

/** Whether `ADMIN_SUBJECTS` names this account at a provider. */
export function isAdminSubject(provider: string, subject: string): boolean {
  // A unit test's environment may have none.
  return (env().adminSubjects ?? []).some((named) => named.provider === provider && named.subject === subject);
}
