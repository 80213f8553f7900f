import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { db } from "@/server/db/client";
import { refreshParameters } from "@/server/oidc/dialects";
import { getMetadata } from "@/server/oidc/metadata";
import { requestTokens } from "@/server/oidc/token-endpoint";
import { broker, store } from "./broker";
import { ownerOf, target } from "./sample";

/** What a provider gave a person. */
export interface Tokens {
  refreshToken: string;
  idToken: string;
  accessToken: string;
}

interface User {
  userId: string;
  sessionId: string;
  subject: string;
}

/** Asks the provider for new tokens, as the app does, with nothing around it. Times are in milliseconds. */
export async function askProvider(refreshToken: string): Promise<{ ms: number; tokens: Tokens }> {
  const { provider } = ownerOf({ sessionId: "", userId: "" });
  const metadata = await getMetadata(provider);
  const parameters = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
  for (const [name, value] of refreshParameters(provider, target)) parameters.append(name, value);
  const begun = performance.now();
  const answer = await requestTokens(provider, metadata, parameters);
  const ms = performance.now() - begun;
  if (answer.kind !== "tokens") throw new Error("The provider gave no tokens.");
  const { accessToken, idToken } = answer.tokens;
  return {
    ms,
    tokens: { accessToken, idToken: idToken ?? "", refreshToken: answer.tokens.refreshToken ?? refreshToken },
  };
}

/** A person signs in, and is away until the access token has run out. */
export async function signInAgainLater({ subject, tokens }: { subject: string; tokens: Tokens }): Promise<User> {
  const now = Date.now();
  const later = new Date(now + 3_600_000);
  const { provider } = ownerOf({ sessionId: "", userId: "" });
  const { id: userId } = await db.user.create({ data: {} });
  const { id: sessionId } = await db.session.create({
    data: {
      ...{ userId, subject, sessionToken: randomUUID(), provider: provider.id, issuer: provider.issuer },
      ...{ expires: later, idleExpiresAt: later, idleSeconds: 1800, authTime: new Date(now) },
      ...{ claims: { sub: subject }, claimsSource: "id-token" },
    },
  });
  const granted = { ...tokens, expiresAt: new Date(now - 1_000), scope: provider.scope };
  await store.deposit({ userId, sessionId, service: null, provider: provider.id, issuer: provider.issuer }, granted);
  return { userId, sessionId, subject };
}

/** The person signs out. Answers with the refresh token that they had. */
export async function signOut({ sessionId }: User): Promise<string> {
  const [grant] = await store.withdraw([{ sessionId }], "signed_out");
  if (!grant?.refreshToken) throw new Error("There was no refresh token.");
  return grant.refreshToken;
}

export interface CallersTask {
  user: User;
  callers: number;
  /** When all of them ask, in milliseconds since 1970. */
  at: number;
}

/** Lets many ask at once for the same token. Answers when the last of them had it, and which tokens they were given. */
export async function callAtOnce({ user, callers, at }: CallersTask): Promise<{ doneAt: number; tokens: string[] }> {
  const owners = Array.from({ length: callers }, () => ownerOf(user, user.subject));
  await sleep(at - Date.now());
  const outcomes = await Promise.all(owners.map((owner) => broker.getToken(owner, target)));
  const doneAt = Date.now();
  const tokens = outcomes.map((outcome) => (outcome.kind === "token" ? outcome.accessToken : JSON.stringify(outcome)));
  return { doneAt, tokens: [...new Set(tokens)] };
}
