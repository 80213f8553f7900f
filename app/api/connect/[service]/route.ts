import { startConnecting } from "@/server/services/connect";

export async function POST(request: Request, { params }: RouteContext<"/api/connect/[service]">): Promise<Response> {
  return startConnecting(request, (await params).service);
}
