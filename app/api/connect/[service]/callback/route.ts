import { isPrefetch } from "@/edge/request-kind";
import { errorJson, shut } from "@/server/http/error-reply";
import { finishConnecting } from "@/server/services/finish-connecting";
import { limited } from "@/server/sessions/guards/limited";

type Context = RouteContext<"/api/connect/[service]/callback">;

export const GET = limited<Context>("connect", async (request, { params }) => {
  // What a browser fetches ahead must use nothing up: the user has not come back yet.
  if (isPrefetch(request.headers)) return errorJson("invalid_request");
  return finishConnecting(request, (await params).service);
});

/** Next would answer HEAD with GET, and the code would be spent. */
export function HEAD(): Response {
  return shut(405, { Allow: "GET" });
}
