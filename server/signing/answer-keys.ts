import "server-only";
import { databaseFailureCode } from "../db/unavailable";
import { errorJson, shut } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { publishedKeys } from "./keys";
import { signingAlgorithms } from "./signers";

// A service that meets a new `kid` asks again; until then it need not. A key is there an hour before it signs.
const freshSeconds = 300;

/**
 * `GET /.well-known/jwks.json`: the public halves of the keys that this app signs with, those that do not sign yet or any more
 * among them. 404, without a look at the database, where no service is configured that needs one.
 *
 * Source: RFC 7517, section 5.
 */
export async function answerSigningKeys(request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return shut(405, { Allow: "GET, HEAD" });
  if (signingAlgorithms().length === 0) return shut(404);
  try {
    const published = await publishedKeys();
    const keys = published.map(({ id, algorithm, publicKey }) => ({
      ...publicKey,
      kid: id,
      alg: algorithm,
      use: "sig",
    }));
    const headers = {
      "Content-Type": "application/jwk-set+json",
      "Cache-Control": `public, max-age=${freshSeconds}`,
    };
    return new Response(request.method === "HEAD" ? null : JSON.stringify({ keys }), { headers });
  } catch (error) {
    const code = databaseFailureCode(error);
    log.error("signing.keys_not_read", { cause: describeError(error) });
    return errorJson(code, { retryAfterSeconds: 5 });
  }
}
