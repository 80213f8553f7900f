import { receiveFrontchannelLogout } from "@/server/auth/sign-out/frontchannel-logout";

type Context = RouteContext<"/api/oidc/[provider]/frontchannel-logout">;

/** What a provider loads in a hidden frame of its sign-out page. Judges the method itself: Next would answer OPTIONS and HEAD. */
async function route(request: Request, { params }: Context): Promise<Response> {
  return receiveFrontchannelLogout(request, (await params).provider);
}

export { route as DELETE, route as GET, route as HEAD, route as OPTIONS, route as PATCH, route as POST, route as PUT };
