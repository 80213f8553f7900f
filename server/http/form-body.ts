import "server-only";

/** Why a form could not be read, as an error code of the app. */
export type FormFault = "invalid_request" | "payload_too_large";

// Our forms carry a token, a path and a choice.
const largestForm = 16 * 1024;

/**
 * Reads a URL-encoded form of ours, bounded. A field that comes twice is refused: two readers could choose
 * differently.
 */
export async function readForm(request: Request): Promise<Map<string, string> | FormFault> {
  const fields = await readFields(request);
  return typeof fields === "string" ? fields : (uniqueParameters(fields) ?? "invalid_request");
}

/** The same with every field as it was sent, however often. */
export async function readFields(request: Request): Promise<URLSearchParams | FormFault> {
  if (!isForm(request)) return "invalid_request";
  const body = await readBody(request, largestForm);
  return body === null ? "payload_too_large" : new URLSearchParams(body.toString("utf8"));
}

/** Whether the body calls itself a URL-encoded form. */
export function isForm(request: Request): boolean {
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  return mediaType === "application/x-www-form-urlencoded";
}

/** The body, or null when it is larger than `limit` bytes: then the rest of it is not read. */
export async function readBody(request: Request, limit: number): Promise<Buffer | null> {
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || !value) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > limit) {
      await reader?.cancel();
      return null;
    }
    chunks.push(value);
  }
}

/** The parameters by name, or null when one of them comes twice (RFC 6749, section 3.1). */
export function uniqueParameters(parameters: URLSearchParams): Map<string, string> | null {
  const map = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (map.has(name)) return null;
    map.set(name, value);
  }
  return map;
}
