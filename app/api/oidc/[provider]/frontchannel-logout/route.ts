import { receiveFrontchannelLogout } from "@/server/auth/frontchannel-logout";

type Context = RouteContext<"/api/oidc/[provider]/frontchannel-logout">;

/** What a provider loads in a hidden frame of its sign-out page. Judges the method itself: Next would answer OPTIONS and HEAD. */
async function handle(request: Request, { params }: Context): Promise<Response> {
  return receiveFrontchannelLogout(request, (await params).provider);
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
