import "server-only";
import { cookies } from "next/headers";
import { cookieName, cookieSite } from "@/edge/cookie-names";
import { cookieHeader } from "../../http/cookie-jar";
import { env, findProvider } from "../../settings/env";

const year = 365 * 86_400;

function lastProviderCookie(): string {
  return cookieName(cookieSite(env().authUrl), "provider");
}

/**
 * Has this browser remember by which provider it was signed in last, for the sign-in page to say so: a provider's id, which
 * names nobody and opens nothing. Only on answers that no cache keeps.
 */
export function rememberProvider(response: Response, provider: string): void {
  response.headers.append("Set-Cookie", cookieHeader(lastProviderCookie(), provider, year));
}

/** The provider by which this browser was signed in last, or null. Whatever is none that signs people in is nobody's. */
export async function getLastProvider(): Promise<string | null> {
  const value = (await cookies()).get(lastProviderCookie())?.value;
  return findProvider(value)?.id ?? null;
}
