import { startConnecting } from "@/server/services/connect";
import { limited } from "@/server/sessions/guards/limited";

type Context = RouteContext<"/api/connect/[service]">;

export const POST = limited<Context>("connect", async (request, { params }) =>
  startConnecting(request, (await params).service),
);
