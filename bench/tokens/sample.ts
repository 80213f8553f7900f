import { randomBytes } from "node:crypto";
import { env } from "@/server/settings/env";
import { sealToken } from "@/server/tokens/seal";
import { connectAside } from "../registry/connection";
import { idsOf, liveSession, userIdOf } from "../registry/seed";

/** A live session among those that were seeded, and what was granted to it. */
export interface Sampled extends ReturnType<typeof idsOf> {
  userId: string;
}

// A prime, so that nobody comes twice before everybody came: all 700 live sessions, when there are 500 people.
const stride = 7919;

/** The `index`th of a sample of live sessions that lie anywhere in the table. */
export function sampled(index: number, users: number): Sampled {
  const session = liveSession(1 + ((index * stride) % (1.4 * users)), users);
  return { ...idsOf(session), userId: userIdOf(((session - 1) % users) + 1) };
}

/** A token as long as a provider's JWT is. */
export function makeToken(): string {
  return randomBytes(700).toString("base64url");
}

/** Seals real tokens for them: what was seeded only looks sealed. */
export async function sealFor(sample: readonly Sampled[]): Promise<void> {
  const client = await connectAside();
  await client.query(
    `UPDATE "AccessToken" t SET "sealedToken" = sealed, "expiresAt" = now() + interval '1 hour', scope = '',
       "grantedScope" = 'openid', "createdAt" = now()
     FROM unnest($1::uuid[], $2::text[]) AS sample (id, sealed) WHERE t.id = sample.id`,
    [
      sample.map(({ tokenId }) => tokenId),
      sample.map(({ tokenId: id, ...whose }) =>
        sealToken(makeToken(), { table: "AccessToken", id, column: "token", ...holderOf(whose) }),
      ),
    ],
  );
  await client.query(
    `UPDATE "Grant" g SET "sealedRefreshToken" = refresh, "sealedIdToken" = "idToken"
     FROM unnest($1::uuid[], $2::text[], $3::text[]) AS sample (id, refresh, "idToken") WHERE g.id = sample.id`,
    [
      sample.map(({ grantId }) => grantId),
      sample.map(({ grantId: id, ...whose }) =>
        sealToken(randomBytes(32).toString("base64url"), {
          table: "Grant",
          id,
          column: "refreshToken",
          ...holderOf(whose),
        }),
      ),
      sample.map(({ grantId: id, ...whose }) =>
        sealToken(makeToken(), { table: "Grant", id, column: "idToken", ...holderOf(whose) }),
      ),
    ],
  );
}

function holderOf({ userId, sessionId }: Pick<Sampled, "sessionId" | "userId">) {
  return { userId, of: sessionId };
}

/** The session and its person as the broker is told of them. */
export function ownerOf({ sessionId, userId }: Pick<Sampled, "sessionId" | "userId">, subject = "minsu") {
  const [provider] = env().providers;
  if (!provider) throw new Error("The app has no provider.");
  return { grantOwner: { sessionId }, sessionHash: "bench", userId, provider, issuer: provider.issuer, subject };
}

/** For the provider's own userinfo: what a sign-in leaves behind. */
export const target = { resource: "", organization: "", scope: "" };
