import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { auditAtOnce } from "../audit/audit";
import { env } from "../env";
import { cookieHeader, readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, redirectTo } from "../http/error-reply";
import { readForm, uniqueParameters } from "../http/form-body";
import { isSameOrigin } from "../http/same-origin";
import { OidcError } from "../oidc/errors";
import { fetchMetadata, type ProviderMetadata } from "../oidc/metadata";
import type { ProviderSettings } from "../provider-settings";
import { isOurFormToken } from "../sessions/form-token";
import { composeStart, readChecks } from "./compose-request";
import { enterNextAuth } from "./next-auth";
import { runSignIn, type SignInContext } from "./sign-in-context";
import {
  hashState,
  sealTransaction,
  surplusTransactions,
  transactionCookieName,
  transactionSeconds,
} from "./transaction";

// What a form or link may say about a sign-in. Everything else that an authorization request holds is the server's.
const ownFields = new Set(["csrfToken", "returnTo", "callbackUrl", "mode"]);
const passedOn: Readonly<Record<string, RegExp>> = {
  login_hint: /^[^\p{Cc}]{1,320}$/u,
  prompt: /^(?:login|select_account)$/,
  ui_locales: /^[A-Za-z]{2,8}(?:[- ][A-Za-z0-9]{1,8}){0,9}$/,
};

/**
 * `POST /api/auth/signin/[provider]`: checks who asks, makes sure that the provider is there, lets NextAuth make the
 * authorization request, and sends the browser off with one transaction cookie.
 */
export async function startSignIn(request: Request, provider: ProviderSettings): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") return errorReply(request, form);
  const query = uniqueParameters(new URL(request.url).searchParams);
  if (!query) return errorReply(request, "invalid_request");
  const jar = readCookies(request);
  if (!isSameOrigin(request.headers) || !(await isOurFormToken(form.get("csrfToken"), jar, null))) {
    await auditAtOnce({ event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected", provider: provider.id });
    return errorReply(request, "csrf_rejected");
  }
  const asked = new Map([...query, ...form]);
  const returnTo = parseReturnPath(asked.get("returnTo") ?? localPart(asked.get("callbackUrl")));
  const wanted = readWanted(asked);
  if (!wanted.isValid) return errorReply(request, "invalid_request");

  try {
    const metadata = await fetchMetadata(provider);
    const response = await leaveForProvider(provider, metadata, { returnTo, parameters: wanted.parameters, jar });
    await auditAtOnce({
      event: "sign_in.started",
      outcome: "success",
      provider: provider.id,
      issuer: provider.issuer,
      detail: { refused: wanted.refused },
    });
    return response;
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    return cannotStart(request, provider, returnTo, error);
  }
}

async function cannotStart(request: Request, provider: ProviderSettings, returnTo: string, error: OidcError) {
  await auditAtOnce({
    event: "sign_in.failed",
    outcome: "failure",
    reason: error.code,
    provider: provider.id,
    issuer: provider.issuer,
    detail: { cause: error.detail },
  });
  const code: ErrorCode = error.code;
  if (!isNavigation(request.headers)) return errorJson(code);
  return redirectTo(`/sign-in?${new URLSearchParams({ error: code, provider: provider.id, returnTo })}`);
}

interface Wanted {
  isValid: boolean;
  parameters: Map<string, string>;
  /** Names of parameters that are not a visitor's to set; never their values. */
  refused: string[];
}

function readWanted(asked: ReadonlyMap<string, string>): Wanted {
  const parameters = new Map<string, string>();
  const refused: string[] = [];
  let isValid = true;
  for (const [name, value] of asked) {
    if (ownFields.has(name) || value === "") continue;
    const shape = Object.hasOwn(passedOn, name) ? passedOn[name] : undefined;
    if (!shape) refused.push(name.slice(0, 40));
    else if (shape.test(value)) parameters.set(name, value);
    else isValid = false;
  }
  // Initiating User Registration via OpenID Connect 1.0: the provider shows its registration page first.
  if (asked.get("mode") === "sign-up") parameters.set("prompt", "create");
  return { isValid, parameters, refused: refused.slice(0, 20) };
}

// NextAuth's own client sends whole addresses; ours are paths.
function localPart(callbackUrl: string | undefined): string | undefined {
  const origin = `${env().authUrl}/`;
  return callbackUrl?.startsWith(origin) ? callbackUrl.slice(origin.length - 1) : callbackUrl;
}

async function leaveForProvider(
  provider: ProviderSettings,
  metadata: ProviderMetadata,
  { returnTo, parameters, jar }: { returnTo: string; parameters: Map<string, string>; jar: Map<string, string> },
): Promise<Response> {
  const context: SignInContext = { provider, metadata };
  const started = await runSignIn(context, () => enterNextAuth(composeStart(provider.id)));
  const checks = await readChecks(started);
  const address = started.headers.get("location") ?? "";
  const location = URL.canParse(address) ? new URL(address) : null;
  const endpoint = new URL(metadata.authorization_endpoint);
  if (!checks || location?.origin !== endpoint.origin || location.pathname !== endpoint.pathname) {
    throw new OidcError(
      context.failure?.code === "provider_unavailable" ? "provider_unavailable" : "provider_misconfigured",
      "start",
    );
  }
  for (const [name, value] of parameters) location.searchParams.set(name, value);

  const stateHash = hashState(checks.state);
  const sealed = await sealTransaction({
    provider: provider.id,
    stateHash,
    verifier: checks.verifier,
    nonce: checks.nonce,
    returnTo,
    startedAt: Math.floor(Date.now() / 1000),
  });
  const name = transactionCookieName(stateHash);
  const headers = new Headers({ Location: location.href, "Cache-Control": "private, no-store" });
  for (const surplus of await surplusTransactions(jar, name.length + sealed.length)) {
    headers.append("Set-Cookie", cookieHeader(surplus, "", 0));
  }
  headers.append("Set-Cookie", cookieHeader(name, sealed, transactionSeconds));
  return new Response(null, { status: 302, headers });
}
