import "server-only";
import { redirect } from "next/navigation";
import {
  type ActiveSession,
  auditDenial,
  auditForgery,
  callService,
  type ErrorCode,
  getService,
  isOwnFormToken,
  mayCall,
  parseReturnPath,
  ServiceError,
} from "@/auth";
import type { Entry } from "./entry";
import { codeOf } from "./listing";

interface Sending {
  service: string;
  path: string;
  method?: "POST" | "DELETE";
  organization?: string;
  body?: (values: Record<string, string>) => unknown;
}

/** Sends a form on to a service, and goes back to the page that shows it. What was not taken comes back with its reason. */
export async function sendEntry(session: ActiveSession, form: FormData, sending: Sending): Promise<Entry> {
  const values = textsOf(form);
  const code = (await refusalOf(session, values, sending)) ?? (await send(values, sending));
  // Reloading the page that follows sends nothing twice.
  if (code === null) redirect(parseReturnPath(values.address));
  return { code, values };
}

// The proxy asks for as much. A call of our own is bound by nothing but what stands here.
async function refusalOf(
  session: ActiveSession,
  { csrfToken }: Record<string, string>,
  { service: id, path, method = "POST" }: Sending,
): Promise<ErrorCode | null> {
  if (!(await isOwnFormToken(csrfToken))) {
    await auditForgery(session, `/services/${id}`);
    return "csrf_rejected";
  }
  const service = getService(id);
  if (!service) return "unknown_service";
  if (mayCall(session, service.id, method, path)) return null;
  await auditDenial(session, `/services/${id}`);
  return "forbidden";
}

async function send(
  values: Record<string, string>,
  { service: id, path, method = "POST", organization, body }: Sending,
): Promise<ErrorCode | null> {
  const service = getService(id);
  if (!service) return "unknown_service";
  try {
    const response = await callService(service.id, path, {
      method,
      ...(organization !== undefined && { organization }),
      ...(body && { body: JSON.stringify(body(values)), headers: { "content-type": "application/json" } }),
    });
    await response.body?.cancel();
    // Deleted by another tab: what was wanted is so.
    const isGone = method === "DELETE" && response.status === 404;
    return response.ok || isGone ? null : codeOf(response.status);
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

/** The fields, without those that are React's own. */
function textsOf(form: FormData): Record<string, string> {
  const fields = [...form].filter((field): field is [string, string] => typeof field[1] === "string");
  return Object.fromEntries(fields.filter(([name]) => !name.startsWith("$")));
}
