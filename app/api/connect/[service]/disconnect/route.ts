import { endConnecting } from "@/server/services/connect";

type Context = RouteContext<"/api/connect/[service]/disconnect">;

export async function POST(request: Request, { params }: Context): Promise<Response> {
  return endConnecting(request, (await params).service);
}
