import "server-only";
import { type FormFault, readBody } from "./form-body";

/**
 * Reads a JSON body, bounded. No body at all is an empty object.
 *
 * @param limit bytes
 */
export async function readJson(request: Request, limit: number): Promise<{ json: unknown } | FormFault> {
  const body = await readBody(request, limit);
  if (body === null) return "payload_too_large";
  if (body.length === 0) return { json: {} };
  // No form of another site can say this without asking first.
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") return "invalid_request";
  try {
    return { json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) };
  } catch {
    return "invalid_request";
  }
}
