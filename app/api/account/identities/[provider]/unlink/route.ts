import { unlink } from "@/server/auth/linking/unlink";
import { limited } from "@/server/sessions/guards/limited";

type Context = RouteContext<"/api/account/identities/[provider]/unlink">;

export const POST = limited<Context>("sign-in", async (request, { params }) =>
  unlink(request, (await params).provider),
);
