import "server-only";
import { browserCookieName } from "@/edge/form-token";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath, signInAddress } from "@/edge/return-path";
import type { SessionClaims } from "@/edge/session-cookie";
import { type AuditEntry, auditAtOnce } from "../../audit/audit";
import { db } from "../../db/client";
import { readCookies } from "../../http/cookie-jar";
import { errorJson, errorReply, failedReply, redirectTo } from "../../http/error-reply";
import { type FormFault, readFields, uniqueParameters } from "../../http/form-body";
import { isSameOrigin, localPart, saysSameOrigin } from "../../http/same-origin";
import { getRecentMetadata } from "../../oidc/metadata";
import { isBrowsersFormToken } from "../../sessions/cookies/form-token";
import { sessionClaimsIn } from "../../sessions/cookies/session-cookies";
import { refuseForgery } from "../../sessions/guards/guarded-form";
import { wasEndedElsewhere } from "../../sessions/registry/ended-elsewhere";
import { rememberedDeadlines } from "../../sessions/registry/policy";
import { env } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { auditFailedSignIn, faultOf, type SignInFailure } from "./failed-sign-in";
import { promptFor } from "./prompt";
import { redirectToProvider } from "./redirect-to-provider";
import { parseSignInTarget, withoutTarget } from "./sign-in-target";
import { signUpParameters } from "./sign-up";

// What a form or link may say about a sign-in. Everything else that an authorization request holds is the server's.
const ownFields = new Set(["csrfToken", "returnTo", "callbackUrl", "mode", "remember", "json"]);
const passedOn = {
  login_hint: /^[^\p{Cc}]{1,320}$/u,
  prompt: /^(?:login|select_account)$/,
  ui_locales: /^[A-Za-z]{2,8}(?:[- ][A-Za-z0-9]{1,8}){0,9}$/,
};

/** Whether that is a login hint which may be sent to a provider (OpenID Connect Core 1.0, section 3.1.2.1). */
export function isLoginHint(value: unknown): value is string {
  return typeof value === "string" && passedOn.login_hint.test(value);
}

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
  const claims = await sessionClaimsIn(jar);
  // A page that anybody may see for the first time has nothing to bind a token to: there the browser's word is enough (ADR 57).
  // A token that is there has to fit all the same.
  const isOurs = form.get("csrfToken")
    ? await isBrowsersFormToken(form.get("csrfToken"), jar, claims?.sid ?? null)
    : saysSameOrigin(request.headers);
  const cause = lacksCookies(request, form, jar) ? "cookies_blocked" : "csrf_rejected";
  const forgery = await refuseForgery(request, isOurs, { provider: provider.id }, cause);
  if (forgery) return forgery;
  if (target !== "known") {
    await auditStart(provider, { outcome: "failure", reason: target, refused: [] });
    return failedReply(request, target);
  }
  const asked = new Map([...query, ...form]);
  const returnTo = parseReturnPath(asked.get("returnTo") ?? localPart(asked.get("callbackUrl"), request.headers));
  const wanted = readWanted(asked, provider);
  if (!wanted.isValid) return refuse(request, provider, "parameter");

  try {
    const metadata = await getRecentMetadata(provider);
    const { parameters } = wanted;
    const fresh = claims !== null && (await mustBeFresh(claims));
    const signUp = (asked.get("mode") === "sign-up" && signUpParameters(provider, metadata)) || {};
    for (const [name, value] of Object.entries(signUp)) if (name !== "prompt") parameters.set(name, value);
    const prompt = promptFor(provider, metadata, { asked: parameters.get("prompt"), signUp: signUp.prompt, fresh });
    if (prompt !== undefined) parameters.set("prompt", prompt);
    const remember = asked.get("remember") === "1" && rememberedDeadlines(provider.id) !== null;
    const response = await redirectToProvider(provider, metadata, {
      returnTo,
      parameters,
      jar,
      headers: request.headers,
      remember,
      fresh,
      stepUp: null,
    });
    await auditStart(provider, { outcome: "success", refused: wanted.refused });
    return response;
  } catch (error) {
    return cannotStart(request, provider, returnTo, faultOf(error));
  }
}

/** Whether a page of ours was shown, and nothing of the cookie that came with it is left. */
function lacksCookies(request: Request, form: ReadonlyMap<string, string>, jar: ReadonlyMap<string, string>): boolean {
  const wasShown = /^[\w-]{43}$/.test(form.get("csrfToken") ?? "") && isSameOrigin(request.headers);
  return wasShown && isNavigation(request.headers) && !jar.has(browserCookieName(env().secure));
}

/** Whether this browser's last session was ended from elsewhere; also while that cannot be known. */
function mustBeFresh(claims: SessionClaims): Promise<boolean> {
  return wasEndedElsewhere(db, claims, { lock: false }).catch(() => true);
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
  return redirectTo(signInAddress(returnTo, code, provider.id));
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
  const prompts = provider.prompt?.split(" ") ?? [];
  let isValid = true;
  for (const [name, value] of asked) {
    if (ownFields.has(name) || value === "") continue;
    const shape = Object.hasOwn(passedOn, name) ? passedOn[name as keyof typeof passedOn] : undefined;
    // An operator who has everybody log in again did not mean "unless they say otherwise".
    const isOperators = name === "prompt" && prompts.includes("login");
    if (!shape || isOperators) refused.push(/^[\w.:-]{1,40}$/.test(name) ? name : "(unprintable)");
    else if (shape.test(value)) parameters.set(name, value);
    else isValid = false;
  }
  return { isValid, parameters, refused: refused.slice(0, 20) };
}
