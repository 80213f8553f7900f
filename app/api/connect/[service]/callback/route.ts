import { finishConnecting } from "@/server/services/finish-connecting";

type Context = RouteContext<"/api/connect/[service]/callback">;

export async function GET(request: Request, { params }: Context): Promise<Response> {
  return finishConnecting(request, (await params).service);
}
