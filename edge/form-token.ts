/**
 * Form tokens against cross-site request forgery: an HMAC over what the browser holds, so that a token from another
 * browser or another session fits nothing. They come on top of the Origin check.
 * Source: OWASP Cross-Site Request Forgery Prevention, "Signed Double-Submit Cookie".
 */
export type FormBinding = { kind: "browser"; id: string } | { kind: "session"; id: string };

export function browserCookieName(secure: boolean): string {
  return secure ? "__Host-daemun.browser" : "daemun.browser";
}

/** A fresh 128-bit id for a browser that has none. */
export function createBrowserId(): string {
  return encode(crypto.getRandomValues(new Uint8Array(16)));
}

export function isBrowserId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{22}$/.test(value);
}

/**
 * The token that a form bound to `binding` carries.
 *
 * @param secrets the first makes it, every one of them is taken
 */
export async function createFormToken(secrets: readonly string[], binding: FormBinding): Promise<string> {
  const [first] = secrets;
  if (!first) throw new Error("No secret is configured.");
  return encode(new Uint8Array(await crypto.subtle.sign("HMAC", await macKey(first), message(binding))));
}

/** Whether `token` was made for `binding` under any of `secrets`. Compared in constant time. */
export async function isFormToken(token: unknown, secrets: readonly string[], binding: FormBinding): Promise<boolean> {
  // Two parts come from pages that version 0.1.0 rendered while it had two secrets. They may go as edge/joined-value.ts may.
  if (typeof token !== "string" || !/^[A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{43})?$/.test(token)) return false;
  const macs = token.split(".").map(decode);
  for (const secret of secrets) {
    const key = await macKey(secret);
    for (const mac of macs) if (await crypto.subtle.verify("HMAC", key, mac, message(binding))) return true;
  }
  return false;
}

function message({ kind, id }: FormBinding) {
  return new TextEncoder().encode(`daemun form ${kind} ${id}`);
}

function macKey(secret: string) {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function decode(text: string) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
