import { isDatabaseReached } from "@/server/db/ready";
import { areProvidersReached } from "@/server/oidc/reached";

export const dynamic = "force-dynamic";

/**
 * Whether the process can serve people. Without the database it cannot: 503. Without a provider it can, signed-in people
 * at least, and taking it out of service would help nobody: 200, `degraded`.
 */
export async function GET(): Promise<Response> {
  const [hasDatabase, hasProviders] = await Promise.all([isDatabaseReached(), areProvidersReached()]);
  if (!hasDatabase) return answer("not_ready", { status: 503, headers: { "Retry-After": "5" } });
  return answer(hasProviders ? "ready" : "degraded");
}

function answer(
  status: "ready" | "degraded" | "not_ready",
  init: { status?: number; headers?: Record<string, string> } = {},
) {
  return Response.json({ status }, { ...init, headers: { "Cache-Control": "no-store", ...init.headers } });
}
