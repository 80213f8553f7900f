import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { provider, redirectUri } from "@/bench/baselines/thin/provider";
import { readTransaction } from "@/bench/baselines/thin/session";

export async function POST(): Promise<Response> {
  const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
  const transaction = await readTransaction();
  Object.assign(transaction, { state, nonce, verifier });
  await transaction.save();
  const location = buildAuthorizationUrl(await provider(), {
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access",
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  return new Response(null, { status: 303, headers: { Location: location.href } });
}
