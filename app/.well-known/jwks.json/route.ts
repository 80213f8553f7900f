import { answerSigningKeys } from "@/server/signing/answer-keys";

/** The public keys that services verify this app's assertions with. Judges the method itself: Next would answer OPTIONS. */
function route(request: Request): Promise<Response> {
  return answerSigningKeys(request);
}

export { route as DELETE, route as GET, route as HEAD, route as OPTIONS, route as PATCH, route as POST, route as PUT };
