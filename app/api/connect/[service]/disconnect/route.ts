import { endConnecting } from "@/server/services/connect";
import { limited } from "@/server/sessions/guards/limited";

type Context = RouteContext<"/api/connect/[service]/disconnect">;

export const POST = limited<Context>("connect", async (request, { params }) =>
  endConnecting(request, (await params).service),
);
