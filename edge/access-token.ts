import type { Gate } from "./config";

/** What a client's header `Authorization` says of an access token. */
export interface SentToken {
  /** `DPoP` comes with a proof in a header of that name (RFC 9449, section 7.1). */
  scheme: "Bearer" | "DPoP";
  token: string;
}

/**
 * The access token of a request; null where it has none. Only the header counts: neither a form nor an address may hold one
 * here (RFC 9700, section 4.3.2).
 *
 * Source: RFC 6750, section 2.1; RFC 9449, section 7.1.
 * @returns `malformed` for one of these schemes with something else than a token behind it
 */
export function readSentToken(headers: Pick<Headers, "get">): SentToken | "malformed" | null {
  const [scheme = "", ...rest] = (headers.get("authorization") ?? "").trim().split(" ");
  const known = (["Bearer", "DPoP"] as const).find((name) => name.toLowerCase() === scheme.toLowerCase());
  if (!known) return null;
  const token = rest.join(" ").trim();
  return /^[A-Za-z0-9._~+/-]+=*$/.test(token) ? { scheme: known, token } : "malformed";
}

/** The address of an app's API by which access tokens name it: the path of its gate (RFC 8707, section 2). */
export function resourceOf(origin: string, { path }: Pick<Gate, "path">): string {
  return origin + folderOf(path);
}

/** Where the document about it is (RFC 9728, section 3.1). */
export function metadataAddressOf(origin: string, { path }: Pick<Gate, "path">): string {
  return `${origin}${metadataPath}${folderOf(path)}`;
}

export const metadataPath = "/.well-known/oauth-protected-resource";

function folderOf(path: string): string {
  return path.endsWith("/*") ? path.slice(0, -2) : path;
}
