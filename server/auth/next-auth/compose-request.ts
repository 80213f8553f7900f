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

/**
 * The checks with which NextAuth made an authorization request. `state` and `nonce` stand in the request itself; only the
 * verifier is nowhere but in its cookie, and to open one of those costs as much as three statements.
 *
 * @param location the request
 */
export async function readChecks(
  started: Response,
  location: URL,
): Promise<{ verifier: string; state: string; nonce: string } | null> {
  const prefix = `${checkCookieNames.verifier}=`;
  const header = started.headers.getSetCookie().find((line) => line.startsWith(prefix)) ?? prefix;
  const token = decodeURIComponent(header.slice(prefix.length).split(";", 1)[0] ?? "");
  const claims = await decode({ token, secret: [...env().sessionSecrets], salt: checkCookieNames.verifier });
  const [state, nonce] = [location.searchParams.get("state"), location.searchParams.get("nonce")];
  return typeof claims?.value === "string" && state && nonce ? { verifier: claims.value, state, nonce } : null;
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
