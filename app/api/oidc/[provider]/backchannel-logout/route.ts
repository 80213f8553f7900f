import { receiveBackchannelLogout } from "@/server/auth/backchannel-logout";

type Context = RouteContext<"/api/oidc/[provider]/backchannel-logout">;

/** Where a provider says that it has signed somebody out. Judges the method itself: Next would answer OPTIONS and HEAD. */
async function handle(request: Request, { params }: Context): Promise<Response> {
  return receiveBackchannelLogout(request, (await params).provider);
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
