import "server-only";
import { z } from "zod";
import { describeError, log } from "../http/log";
import type { ProviderSettings } from "../settings/providers";
import { OidcError } from "./errors";
import { fetchOutbound, parseJson } from "./outbound";
import { isText } from "./signed-token";

// Who a user is where the provider gives no ID token (OAuth 2.0 alone): userinfo says it, over TLS.

type Claims = Record<string, unknown>;
type OAuth2 = NonNullable<ProviderSettings["oauth2"]>;

/**
 * Whom userinfo names for good, as text: some count their users. Never a name that its user can change.
 *
 * @param member where it stands
 * @throws OidcError `invalid_response` where it is neither text nor a whole number that was read without loss
 */
export function subjectOf(userInfo: Claims, member: string): string {
  const subject = Object.hasOwn(userInfo, member) ? userInfo[member] : undefined;
  if (typeof subject === "number" && Number.isSafeInteger(subject)) return String(subject);
  if (isText(subject) && subject.trim() !== "") return subject;
  throw new OidcError("invalid_response", "subject");
}

const otherNames: Readonly<Record<string, readonly string[]>> = {
  name: ["global_name"],
  preferred_username: ["login", "username"],
  picture: ["avatar_url"],
};

/** Claims under the names of OpenID Connect Core 1.0, section 5.1, where GitHub and Discord have names of their own. */
export function standardClaims(userInfo: Claims): Claims {
  const missing = Object.entries(otherNames).filter(([name]) => isEmpty(userInfo[name]));
  const found = missing.flatMap(([name, others]) => {
    const other = others.find((candidate) => typeof userInfo[candidate] === "string");
    return other === undefined ? [] : [[name, userInfo[other]] as const];
  });
  return { ...userInfo, ...Object.fromEntries(found) };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/**
 * Claims with the address that the provider has verified, where it lists addresses by themselves: then `email_verified` says
 * whether there is one, and no other claim does. While the list cannot be had, there is none.
 *
 * Source: https://docs.github.com/rest/users/emails
 */
export async function withAddress(claims: Claims, { emailsEndpoint }: OAuth2, accessToken: string): Promise<Claims> {
  if (emailsEndpoint === undefined) return claims;
  const email = await verifiedAddress(emailsEndpoint, accessToken);
  return { ...claims, ...(email !== null && { email }), email_verified: email !== null };
}

const verifiedSchema = z.looseObject({ email: z.string(), verified: z.literal(true), primary: z.unknown() });

async function verifiedAddress(endpoint: string, accessToken: string): Promise<string | null> {
  try {
    const headers = { Accept: "application/json", "User-Agent": "Daemun", Authorization: `Bearer ${accessToken}` };
    const answer = await fetchOutbound(endpoint, { headers });
    if (answer.status !== 200) throw new OidcError("provider_error", `emails_status_${answer.status}`);
    const listed = parseJson(answer);
    if (!Array.isArray(listed)) throw new OidcError("invalid_response", "emails");
    const verified = listed.flatMap((entry) => verifiedSchema.safeParse(entry).data ?? []);
    return (verified.find(({ primary }) => primary === true) ?? verified[0])?.email ?? null;
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    // Whoever signs in goes without an address this time, which is no reason to keep them out.
    log.warn("userinfo.no_addresses", { endpoint: new URL(endpoint).host, cause: describeError(error) });
    return null;
  }
}
