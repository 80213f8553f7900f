import { type Fault, faultOf } from "../faults";
import type { IssuerState } from "../issuer-state";
import type { Endpoint } from "../journal";
import { withEntraDetails } from "../refusals";
import { forge, mutateToken, shiftTimes, shiftToken } from "../tokens/forge";
import type { PreparedResponse } from "./inner";

/** Who asked, as far as the outer layer can tell. */
export interface Asker {
  endpoint: Endpoint;
  clientId: string | undefined;
}

/** Applies the issuer's clock and the faults to an answer of the provider. */
export function rewrite(
  state: IssuerState,
  asker: Asker,
  prepared: PreparedResponse,
  faults: readonly Fault[],
): PreparedResponse {
  let answer = prepared;
  if (asker.endpoint === "token") {
    if (state.dialect === "scope") answer = editJson(answer, withEntraDetails);
    answer = rewriteAccessToken(state, asker, rewriteIdToken(state, asker, answer, faults), faults);
  }
  if (asker.endpoint === "introspection") {
    answer = editJson(answer, (json) => ({ ...json, ...shiftTimes(json, state.clock.offsetSeconds) }));
  }
  const userinfo = faultOf(faults, "userinfo");
  if (asker.endpoint === "userinfo" && userinfo) answer = rewriteUserinfo(state, answer, userinfo);
  const json = faultOf(faults, "json");
  if (json) answer = editJson(answer, (body) => without({ ...body, ...json.set }, json.remove));
  return answer;
}

function rewriteIdToken(
  state: IssuerState,
  { clientId }: Asker,
  prepared: PreparedResponse,
  faults: readonly Fault[],
): PreparedResponse {
  const mutation = faultOf(faults, "id_token");
  if (!mutation && state.clock.offsetSeconds === 0) return prepared;
  return editJson(prepared, (json) => {
    if (typeof json.id_token !== "string") return json;
    const moved = shiftToken(state.keys, json.id_token, state.clock.offsetSeconds);
    const secret = secretOf(state, clientId);
    return { ...json, id_token: mutation ? mutateToken(state.keys, moved, mutation, secret) : moved };
  });
}

function rewriteAccessToken(
  state: IssuerState,
  { clientId }: Asker,
  prepared: PreparedResponse,
  faults: readonly Fault[],
): PreparedResponse {
  const mutation = faultOf(faults, "access_token");
  if (!mutation) return prepared;
  return editJson(prepared, (json) => {
    const token = json.access_token;
    if (typeof token !== "string" || token.split(".").length !== 3) return json;
    return { ...json, access_token: mutateToken(state.keys, token, mutation, secretOf(state, clientId)) };
  });
}

function secretOf({ clients }: IssuerState, clientId: string | undefined): string | undefined {
  return clientId === undefined ? undefined : clients.get(clientId)?.clientSecret;
}

function rewriteUserinfo(
  state: IssuerState,
  prepared: PreparedResponse,
  fault: Extract<Fault, { kind: "userinfo" }>,
): PreparedResponse {
  const changed = editJson(prepared, (json) => without({ ...json, ...fault.setClaims }, fault.removeClaims));
  if (!fault.jwt || changed.status !== 200) return changed;
  const claims = without({ ...parseObject(changed.body), ...fault.jwt.setClaims }, fault.jwt.removeClaims);
  const token = forge(state.keys, {
    claims: { iss: state.issuer, ...claims },
    header: fault.jwt.header,
    signWith: fault.jwt.signWith,
  });
  return withBody(changed, Buffer.from(token), "application/jwt");
}

/** Changes a JSON object in an answer. An answer that is no JSON object stays as it is. */
export function editJson(
  prepared: PreparedResponse,
  edit: (json: Record<string, unknown>) => Record<string, unknown>,
): PreparedResponse {
  const json = parseObject(prepared.body);
  return json ? withBody(prepared, Buffer.from(JSON.stringify(edit(json)))) : prepared;
}

/** The JSON object in a body, or null. */
export function parseObject(body: Buffer): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Edits the parameters of a redirect to an application. */
export function editCallback(location: string, fault: Extract<Fault, { kind: "callback" }>): string {
  const url = new URL(location);
  for (const [name, value] of Object.entries(fault.set)) url.searchParams.set(name, value);
  for (const name of fault.remove) url.searchParams.delete(name);
  return url.href;
}

function withBody(prepared: PreparedResponse, body: Buffer, contentType?: string): PreparedResponse {
  const headers = { ...prepared.headers, "content-length": body.length };
  return { ...prepared, headers: contentType ? { ...headers, "content-type": contentType } : headers, body };
}

function without(object: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
