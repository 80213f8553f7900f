import { decodeJwt, decodeProtectedHeader } from "jose";
import type { Habits } from "../habits/habits";
import type { IssuerState } from "../issuer-state";
import type { Endpoint } from "../journal";
import type { PreparedResponse, ReceivedRequest } from "./inner";

/** What every authorization request may hold (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636; RFC 9207). */
const ofTheProtocol =
  "client_id redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method prompt " +
  "login_hint max_age acr_values ui_locales display";

interface Asked {
  endpoint: Endpoint;
  url: URL;
  form: URLSearchParams;
  received: ReceivedRequest;
}

/** What a provider of these habits refuses, or the request as the standard has it. */
export function receive(state: IssuerState, asked: Asked): ReceivedRequest | PreparedResponse {
  const { habits } = state;
  if (!habits) return asked.received;
  if (asked.endpoint === "authorization") return receiveAuthorization(state, habits, asked);
  if (asked.endpoint === "token") return receiveTokenRequest(state, habits, asked);
  if (asked.endpoint === "end_session" && habits.signOut) return receiveSignOut(habits.signOut, asked);
  return asked.received;
}

function receiveAuthorization(state: IssuerState, habits: Habits, { url, received }: Asked) {
  const query = new URLSearchParams(url.search);
  if (!query.has("client_id")) return received;
  const known = [
    ...ofTheProtocol.split(" "),
    ...(habits.parameters ?? []),
    ...(isByAudience(habits) ? ["audience"] : []),
  ];
  const unknown = [...query.keys()].filter((name) => !known.includes(name));
  if (unknown.length > 0) return refused(query, "invalid_request", `unknown parameter ${unknown.join(" ")}`);
  for (const [name, value] of Object.entries(habits.needs ?? {}))
    if (query.get(name) !== value) return refused(query, "invalid_request", `${name} must be ${value}`);
  const prompts = query.get("prompt")?.split(" ") ?? [];
  if (prompts.some((prompt) => !habits.prompts.includes(prompt)))
    return refused(query, "invalid_request", "unknown prompt");
  const ofResources = Object.values(state.resources).flat();
  const scopes = query.get("scope")?.split(" ") ?? [];
  const isKnown = (scope: string) => Object.hasOwn(habits.scopes, scope) || takesScope(habits, scope, ofResources);
  const strange = scopes.filter((scope) => !isKnown(scope));
  if (strange.length > 0) return refused(query, "invalid_scope", `unknown scope ${strange.join(" ")}`);
  // Roles and organizations go into its claims whatever it calls the scope for them, or without one.
  const inside = scopes.map((scope) => (Object.hasOwn(habits.scopes, scope) ? habits.scopes[scope] : scope));
  query.set("scope", [...new Set([...inside, "roles", "urn:logto:scope:organizations"])].join(" "));
  if (!prompts.includes("create")) query.delete("first_screen");
  return { ...received, url: `${url.pathname}?${query}` };
}

function isByAudience({ dialect }: Habits): boolean {
  return dialect === "audience";
}

/** Whether it is asked for APIs by their scopes too. */
function takesScope({ dialect, parameters = [] }: Habits, scope: string, ofResources: readonly string[]): boolean {
  if (dialect === "scope") return scope.includes("://");
  return (dialect !== "resource" || parameters.includes("resource")) && ofResources.includes(scope);
}

/** Sent back by the browser, as providers do (RFC 6749, section 4.1.2.1). */
function refused(query: URLSearchParams, error: string, description: string): PreparedResponse {
  const location = new URL(query.get("redirect_uri") ?? "");
  location.searchParams.set("error", error);
  location.searchParams.set("error_description", description);
  location.searchParams.set("state", query.get("state") ?? "");
  return { status: 303, headers: { location: location.href }, body: Buffer.alloc(0) };
}

function receiveTokenRequest(
  state: IssuerState,
  habits: Habits,
  { form, received }: Asked,
): ReceivedRequest | PreparedResponse {
  const isBasic = received.headers.authorization?.startsWith("Basic ") ?? false;
  if (isBasic !== (habits.authentication === "client_secret_basic"))
    return json(401, { error: "invalid_client", error_description: "wrong client authentication" });
  const credentials = isBasic ? {} : secretOf(state, habits, form);
  if (credentials === null) return json(401, { error: "invalid_client", error_description: "wrong client secret" });
  const headers = { ...received.headers, ...credentials };
  const isExchange = form.get("grant_type") === "authorization_code";
  for (const [name, value] of Object.entries((isExchange && habits.exchangeNeeds) || {})) {
    const given = form.get(name);
    if (given === null || (value !== null && given !== value))
      return json(400, { error: "invalid_request", error_description: `${name} is missing` });
  }
  const inside = new URLSearchParams(form);
  for (const name of ["state", "id_token_key_type", "client_secret"]) inside.delete(name);
  return { ...received, headers, body: Buffer.from(inside.toString()) };
}

/** The credentials in the body as the library's clients have them. @returns null for a secret that Apple would refuse */
function secretOf(state: IssuerState, { authentication }: Habits, form: URLSearchParams) {
  const [id, secret] = [form.get("client_id") ?? "", form.get("client_secret") ?? ""];
  if (authentication === "signed_secret" && !isSignedSecret(secret, id, state.issuer)) return null;
  const registered = authentication === "signed_secret" ? (state.clients.get(id)?.clientSecret ?? "") : secret;
  return { authorization: `Basic ${Buffer.from(`${id}:${registered}`).toString("base64")}` };
}

/** By form alone: the key stands at Apple. */
function isSignedSecret(secret: string, clientId: string, issuer: string): boolean {
  try {
    const [{ alg, kid }, { iss, sub, aud, exp = 0, iat = 0 }] = [decodeProtectedHeader(secret), decodeJwt(secret)];
    return (
      alg === "ES256" &&
      Boolean(kid && iss) &&
      sub === clientId &&
      aud === issuer &&
      exp > iat &&
      exp - iat <= 15_777_000
    );
  } catch {
    return false;
  }
}

function receiveSignOut({ redirect, known }: NonNullable<Habits["signOut"]>, { url, received }: Asked) {
  const query = new URLSearchParams(url.search);
  if ([...query.keys()].some((name) => name !== redirect && !known.includes(name)))
    return json(400, { error: "invalid_request", error_description: "unknown parameter" });
  const back = query.get(redirect);
  if (back === null) return json(400, { error: "invalid_request", error_description: `${redirect} is missing` });
  query.delete(redirect);
  query.set("post_logout_redirect_uri", back);
  return { ...received, url: `${url.pathname}?${query}` };
}

function json(status: number, body: Record<string, unknown>): PreparedResponse {
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(body)) };
}
