import { exportAudit } from "@/server/administration/export-audit";
import { authenticated } from "@/server/sessions/guards/authenticated";
import { limited } from "@/server/sessions/guards/limited";
import { adminRoles, sessionPolicy } from "@/server/sessions/registry/policy";

type Context = { params: Promise<Record<never, never>> };

// Asked at each request: a build has no environment.
export const GET = limited<Context>("export", (request, context) => {
  const requirement = { roles: adminRoles(), maxAgeSeconds: sessionPolicy().recentSignInSeconds, redirect: true };
  return authenticated(exportAudit, requirement)(request, context);
});
