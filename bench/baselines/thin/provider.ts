import { allowInsecureRequests, type Configuration, discovery } from "openid-client";

let known: Promise<Configuration> | undefined;

/** The provider by its discovery document, read once. */
export function provider(): Promise<Configuration> {
  known ??= discovery(
    new URL(process.env.AUTH_COMPANY_ISSUER ?? ""),
    process.env.AUTH_COMPANY_ID ?? "",
    process.env.AUTH_COMPANY_SECRET ?? "",
    undefined,
    { execute: [allowInsecureRequests] },
  );
  return known;
}

export const redirectUri = `${process.env.AUTH_URL}/api/auth/callback/company`;
