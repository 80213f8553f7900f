import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { type AuditEntry, auditAtOnce } from "../audit/audit";
import { env } from "../env";
import { readCookies } from "../http/cookie-jar";
import { errorJson, errorReply, failedReply, redirectTo } from "../http/error-reply";
import { type FormFault, readFields, uniqueParameters } from "../http/form-body";
import { isSameOrigin } from "../http/same-origin";
import { fetchMetadata } from "../oidc/metadata";
import type { ProviderSettings } from "../provider-settings";
import { isBrowsersFormToken } from "../sessions/form-token";
import { rememberedDeadlines } from "../sessions/policy";
import { readSessionClaims, sessionCookies } from "../sessions/session-cookies";
import { auditFailedSignIn, faultOf } from "./failed-sign-in";
import { leaveForProvider } from "./leave-for-provider";
import type { SignInFailure } from "./sign-in-context";
import { parseSignInTarget, withoutTarget } from "./sign-in-target";

// What a form or link may say about a sign-in. Everything else that an authorization request holds is the server's.
const ownFields = new Set(["csrfToken", "returnTo", "callbackUrl", "mode", "remember"]);
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
  const fields = await readFields(request);
  if (typeof fields === "string") return refuse(request, provider, "form", fields);
  const { searchParams } = new URL(request.url);
  const target = parseSignInTarget([...searchParams, ...fields], provider);
  const [query, form] = [uniqueParameters(withoutTarget(searchParams)), uniqueParameters(withoutTarget(fields))];
  if (!query || !form) return refuse(request, provider, "repeated_parameter");
  const jar = readCookies(request);
  const sid = (await readSessionClaims(jar.get(sessionCookies().name)))?.sid ?? null;
  if (!isSameOrigin(request.headers) || !(await isBrowsersFormToken(form.get("csrfToken"), jar, sid))) {
    await auditAtOnce({ event: "csrf.rejected", outcome: "failure", reason: "csrf_rejected", provider: provider.id });
    return errorReply(request, "csrf_rejected");
  }
  if (target !== "known") {
    await auditStart(provider, { outcome: "failure", reason: target, refused: [] });
    return failedReply(request, target);
  }
  const asked = new Map([...query, ...form]);
  const returnTo = parseReturnPath(asked.get("returnTo") ?? localPart(asked.get("callbackUrl")));
  const wanted = readWanted(asked, provider);
  if (!wanted.isValid) return refuse(request, provider, "parameter");

  try {
    const metadata = await fetchMetadata(provider);
    const { parameters } = wanted;
    const remember = asked.get("remember") === "1" && rememberedDeadlines(provider.id) !== null;
    const response = await leaveForProvider(provider, metadata, { returnTo, parameters, jar, remember, stepUp: null });
    await auditStart(provider, { outcome: "success", refused: wanted.refused });
    return response;
  } catch (error) {
    return cannotStart(request, provider, returnTo, faultOf(error));
  }
}

function auditStart(
  { id, issuer }: ProviderSettings,
  { refused, ...what }: Pick<AuditEntry, "outcome" | "reason"> & { refused: string[] },
): Promise<void> {
  return auditAtOnce({ event: "sign_in.started", ...what, provider: id, issuer, detail: { refused } });
}

/** A request that no form of ours sends. */
async function refuse(
  request: Request,
  provider: ProviderSettings,
  cause: string,
  code: FormFault = "invalid_request",
) {
  await auditFailedSignIn(provider, { code, cause });
  return errorReply(request, code);
}

async function cannotStart(request: Request, provider: ProviderSettings, returnTo: string, failure: SignInFailure) {
  await auditFailedSignIn(provider, failure);
  const { code } = failure;
  if (!isNavigation(request.headers)) return errorJson(code);
  return redirectTo(`/sign-in?${new URLSearchParams({ error: code, provider: provider.id, returnTo })}`);
}

interface Wanted {
  isValid: boolean;
  parameters: Map<string, string>;
  /** Names of parameters that are not a visitor's to set; never their values. */
  refused: string[];
}

function readWanted(asked: ReadonlyMap<string, string>, provider: ProviderSettings): Wanted {
  const parameters = new Map<string, string>();
  const refused: string[] = [];
  let isValid = true;
  for (const [name, value] of asked) {
    if (ownFields.has(name) || value === "") continue;
    const shape = Object.hasOwn(passedOn, name) ? passedOn[name] : undefined;
    // An operator who has everybody log in anew did not mean "unless they say otherwise".
    const isOperators = name === "prompt" && provider.prompt !== null && provider.prompt !== "select_account";
    if (!shape || isOperators) refused.push(/^[\w.:-]{1,40}$/.test(name) ? name : "(unprintable)");
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
