import "server-only";

/** Why a form could not be read, as an error code of the house. */
export type FormFault = "invalid_request" | "payload_too_large";

// Our forms carry a token, a path and a choice.
const largestForm = 16 * 1024;

/**
 * Reads a URL-encoded form of ours, bounded. A field that comes twice is refused: two readers could choose
 * differently.
 */
export async function readForm(request: Request): Promise<Map<string, string> | FormFault> {
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/x-www-form-urlencoded") return "invalid_request";
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || !value) break;
    size += value.byteLength;
    if (size > largestForm) {
      await reader?.cancel();
      return "payload_too_large";
    }
    chunks.push(value);
  }
  return uniqueParameters(new URLSearchParams(Buffer.concat(chunks).toString("utf8"))) ?? "invalid_request";
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
