import "server-only";
import type http from "node:http";
import type { ServiceSettings } from "../service-settings";
import type { ActiveSession } from "../sessions/session-state";
import { type Caller, tokenFor } from "./service-token";
import { callUpstream, type UpstreamRequest } from "./upstream";

/**
 * Calls a service on somebody's behalf. A token that it refuses is replaced, and the call made once more if its body can be
 * sent again; if not, the next call has the new one.
 *
 * @throws ServiceError
 */
export async function exchange(
  service: ServiceSettings,
  caller: Caller,
  request: UpstreamRequest,
): Promise<http.IncomingMessage> {
  const token = await tokenFor(service, caller);
  const response = await callUpstream(service, withIdentity(service, caller.session, request, token));
  if (response.statusCode !== 401 || token === null) return response;
  const next = await tokenFor(service, caller, { other: token }).catch((error: unknown) => {
    response.destroy();
    throw error;
  });
  if (request.body instanceof ReadableStream) return response;
  response.destroy();
  return callUpstream(service, withIdentity(service, caller.session, request, next));
}

/** Who is asking, in words that only this house has the right to use. */
function withIdentity(
  { forwardUser }: ServiceSettings,
  { user, roles }: ActiveSession,
  request: UpstreamRequest,
  token: string | null,
): UpstreamRequest {
  const headers = new Headers(request.headers);
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  if (forwardUser) {
    headers.set("x-forwarded-user", user.id);
    // A role may be called anything: as JSON with ASCII alone it stays one header.
    headers.set("x-forwarded-roles", asciiJson(roles));
  }
  return { ...request, headers };
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
