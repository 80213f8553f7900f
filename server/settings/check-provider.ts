import "server-only";
import { readSigningKey } from "./private-keys";
import type { ProviderSettings } from "./providers";

type Fault = (name: string, what: string) => void;

/** What is wrong with a provider as variables, configuration and preset say it together: credentials, scopes, tenants. */
export function checkProvider(
  provider: ProviderSettings,
  { prefix, faults }: { prefix: string; faults: string[] },
): void {
  const fault: Fault = (name, what) => void faults.push(`${prefix}_${name} ${what}`);
  checkScope(provider, fault);
  checkKeys(provider, fault);
  checkCredentials(provider, { fault, prefix });
  checkTenants(provider, faults);
  if (provider.dpop && provider.oauth2 !== null) fault("DPOP", "must not be true for a provider without ID tokens.");
}

function checkScope({ scope, oauth2 }: ProviderSettings, fault: Fault): void {
  if (oauth2 === null && !scope.split(" ").includes("openid")) fault("SCOPE", "must contain openid.");
}

function checkKeys({ clientAuthentication, privateKeys }: ProviderSettings, fault: Fault): void {
  for (const [index, text] of privateKeys.entries()) {
    const alg = algorithmOf(text);
    if (alg === null)
      fault(
        "PRIVATE_KEY",
        `${index === 0 ? "" : "or one with a number "}is no private key to sign with: PEM (PKCS #8) or JWK; RSA of 2048 bits at least, P-256, P-384, P-521 or Ed25519.`,
      );
    else if (clientAuthentication === "signed_secret" && alg !== "ES256")
      fault("PRIVATE_KEY", "must be a P-256 key: that is what a signed client secret is signed with.");
  }
}

function algorithmOf(text: string): string | null {
  try {
    return readSigningKey(text).alg;
  } catch {
    return null;
  }
}

function checkCredentials(provider: ProviderSettings, { fault, prefix }: { fault: Fault; prefix: string }): void {
  const { clientAuthentication, clientSecret, privateKeys, secretSigner } = provider;
  if (/change.?me|your[-_ ]|replace[-_ ]/i.test(clientSecret)) fault("SECRET", "looks like an example.");
  if (clientAuthentication === "none") return;
  if (clientAuthentication === "signed_secret" && secretSigner === null)
    fault("TEAM_ID", `and ${prefix}_KEY_ID are needed: whose key signs the client secret.`);
  if (clientAuthentication === "private_key_jwt" || clientAuthentication === "signed_secret") {
    if (privateKeys.length === 0)
      fault("PRIVATE_KEY", "is missing: the key that this client signs with, as PEM or JWK.");
  } else if (!clientSecret) fault("SECRET", "is missing: the client secret that the provider gave this app.");
}

/** An issuer of many tenants signs anybody in who has an account at any: nobody is to open that without saying so. */
function checkTenants({ id, issuerTemplate, signIn, assumeEmailVerified }: ProviderSettings, faults: string[]): void {
  const place = `daemun.config.ts: providers.${id}`;
  if (issuerTemplate !== null && signIn.tenants === undefined)
    faults.push(
      `${place}.signIn.tenants: is missing: the ids of the tenants whose users may sign in, or "any"; the issuer is one of many tenants.`,
    );
  if (signIn.tenants === "any" && assumeEmailVerified !== false)
    faults.push(
      `${place}.assumeEmailVerified: must not be there with signIn.tenants "any": anybody can make a tenant, and give its users any address.`,
    );
}
