import "server-only";
import { decode, encode } from "@auth/core/jwt";
import { NextRequest } from "next/server";
import { transactionSeconds } from "../../sessions/cookies/transaction-cookies";
import { env, findProvider } from "../../settings/env";
import type { Transaction } from "../sign-in/transaction";
import { authBasePath, checkCookieNames } from "./next-auth";

/** The request that makes NextAuth begin a sign-in. Nothing of what the browser sent is in it. */
export function composeStart(providerId: string): NextRequest {
  return new NextRequest(`${env().authUrl}${authBasePath}/signin/${providerId}`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ callbackUrl: env().authUrl }),
  });
}

/** What NextAuth put into its check cookies while it made an authorization request. */
export async function readChecks(
  started: Response,
): Promise<{ verifier: string; state: string; nonce: string } | null> {
  const sealed = new Map(
    started.headers.getSetCookie().map((header) => {
      const [pair = ""] = header.split(";", 1);
      const at = pair.indexOf("=");
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))] as const;
    }),
  );
  const open = async (name: string) => {
    const claims = await decode({ token: sealed.get(name) ?? "", secret: [...env().sessionSecrets], salt: name });
    return typeof claims?.value === "string" ? claims.value : null;
  };
  const [verifier, state, nonce] = await Promise.all([
    open(checkCookieNames.verifier),
    open(checkCookieNames.state),
    open(checkCookieNames.nonce),
  ]);
  return verifier && state && nonce ? { verifier, state, nonce } : null;
}

/** The request that makes NextAuth finish a sign-in: the checks of this transaction, and only what was checked before. */
export async function composeCallback(
  { provider, verifier, nonce }: Transaction,
  answer: { code: string; state: string; iss: string | null },
): Promise<NextRequest> {
  const seal = async (name: string, value: string) => {
    const token = { value, provider };
    return `${name}=${await encode({ token, secret: [...env().sessionSecrets], salt: name, maxAge: transactionSeconds })}`;
  };
  const cookies = await Promise.all([
    seal(checkCookieNames.verifier, verifier),
    seal(checkCookieNames.state, answer.state),
    seal(checkCookieNames.nonce, nonce),
  ]);
  const url = new URL(`${env().authUrl}${authBasePath}/callback/${provider}`);
  url.searchParams.set("code", answer.code);
  url.searchParams.set("state", answer.state);
  // It was judged before; NextAuth knows one issuer, and no tenants.
  if (answer.iss !== null) url.searchParams.set("iss", findProvider(provider)?.issuer ?? answer.iss);
  return new NextRequest(url, { headers: { Cookie: cookies.join("; ") } });
}
