import { receiveBackchannelLogout } from "@/server/auth/sign-out/backchannel-logout";

type Context = RouteContext<"/api/oidc/[provider]/backchannel-logout">;

/** Where a provider says that it has signed somebody out. Judges the method itself: Next would answer OPTIONS and HEAD. */
async function route(request: Request, { params }: Context): Promise<Response> {
  return receiveBackchannelLogout(request, (await params).provider);
}

export { route as DELETE, route as GET, route as HEAD, route as OPTIONS, route as PATCH, route as POST, route as PUT };
