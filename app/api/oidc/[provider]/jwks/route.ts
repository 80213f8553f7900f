import { answerClientKeys } from "@/server/auth/client-keys";

type Context = RouteContext<"/api/oidc/[provider]/jwks">;

/** The public keys of this app's client at a provider: the `jwks_uri` to tell it. Judges the method itself: Next would answer OPTIONS. */
async function route(request: Request, { params }: Context): Promise<Response> {
  return answerClientKeys(request, (await params).provider);
}

export { route as DELETE, route as GET, route as HEAD, route as OPTIONS, route as PATCH, route as POST, route as PUT };
