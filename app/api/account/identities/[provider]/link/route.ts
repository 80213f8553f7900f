import { startLinking } from "@/server/auth/linking/start-linking";
import { limited } from "@/server/sessions/guards/limited";

type Context = RouteContext<"/api/account/identities/[provider]/link">;

export const POST = limited<Context>("sign-in", async (request, { params }) =>
  startLinking(request, (await params).provider),
);
