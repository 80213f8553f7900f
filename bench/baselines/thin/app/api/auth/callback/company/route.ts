import { authorizationCodeGrant } from "openid-client";
import { pool } from "@/bench/baselines/thin/database";
import { provider, redirectUri } from "@/bench/baselines/thin/provider";
import { readSession, readTransaction } from "@/bench/baselines/thin/session";

/** Code for tokens, the user found or made, a session's row with the tokens in it, and a cookie. */
export async function GET(request: Request): Promise<Response> {
  const transaction = await readTransaction();
  const { state = "", nonce = "", verifier = "" } = transaction;
  transaction.destroy();
  const answer = new URL(redirectUri);
  answer.search = new URL(request.url).search;
  const tokens = await authorizationCodeGrant(await provider(), answer, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
  });
  const claims = tokens.claims();
  if (!claims) return new Response(null, { status: 401 });
  const name = typeof claims.name === "string" ? claims.name : claims.sub;
  const { rows: users } = await pool.query<{ id: string }>(
    `INSERT INTO users (subject, name, email) VALUES ($1, $2, $3)
     ON CONFLICT (subject) DO UPDATE SET name = excluded.name, email = excluded.email RETURNING id`,
    [claims.sub, name, claims.email ?? null],
  );
  const { rows: sessions } = await pool.query<{ id: string }>(
    `INSERT INTO sessions (user_id, expires, access_token, refresh_token, access_token_expires)
     VALUES ($1, now() + interval '12 hours', $2, $3, now() + make_interval(secs => $4)) RETURNING id`,
    [users[0]?.id, tokens.access_token, tokens.refresh_token ?? null, tokens.expiresIn() ?? 0],
  );
  const session = await readSession();
  Object.assign(session, { id: sessions[0]?.id, name });
  await session.save();
  return new Response(null, { status: 303, headers: { Location: `${process.env.AUTH_URL}/who` } });
}
