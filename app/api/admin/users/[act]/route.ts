import { actOnUser } from "@/server/administration/user-acts";
import { limited } from "@/server/sessions/guards/limited";

type Context = { params: Promise<{ act: string }> };

export const POST = limited<Context>("account", async (request, { params }) => actOnUser(request, (await params).act));
