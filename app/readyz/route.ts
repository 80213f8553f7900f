import { isDatabaseReached } from "@/server/db/ready";

export const dynamic = "force-dynamic";

/** The process can serve people: the database answers. */
export async function GET(): Promise<Response> {
  const isReady = await isDatabaseReached();
  return Response.json(
    { status: isReady ? "ready" : "not_ready" },
    { status: isReady ? 200 : 503, headers: { "Cache-Control": "no-store", ...(!isReady && { "Retry-After": "5" }) } },
  );
}
