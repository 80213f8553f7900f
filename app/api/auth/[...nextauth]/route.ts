import { handleAuthRequest } from "@/server/auth/handlers";

async function handle(request: Request, { params }: RouteContext<"/api/auth/[...nextauth]">): Promise<Response> {
  return handleAuthRequest(request, (await params).nextauth);
}

export { handle as DELETE, handle as GET, handle as HEAD, handle as PATCH, handle as POST, handle as PUT };
