import "server-only";
import { getAccessToken, type KnownService } from "@/auth";

/** Whether the person was granted `scope` where the service takes tokens of their sign-in provider. */
export async function hasScope(
  { authentication }: KnownService,
  scope: string,
  organization?: string,
): Promise<boolean> {
  if (authentication.kind !== "resource") return false;
  const { resource } = authentication;
  const outcome = await getAccessToken({ resource, ...(organization !== undefined && { organization }) });
  return outcome.kind === "token" && outcome.scope.split(" ").includes(scope);
}
