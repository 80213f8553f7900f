export type ClaimView =
  | { kind: "empty" }
  | { kind: "boolean"; value: boolean }
  | { kind: "moment"; at: Date; raw: string }
  | { kind: "list"; items: string[] }
  | { kind: "structure"; json: string }
  | { kind: "text"; text: string };

// OpenID Connect Core §2 and §5.1, RFC 7519 §4.1. `created_at` is what several providers add.
const timeClaims = new Set(["exp", "nbf", "iat", "auth_time", "updated_at", "created_at"]);

// The standards count seconds, some providers milliseconds: 10^11 s lies in the year 5138, 10^11 ms in 1973.
const firstMillisecond = 1e11;

/** How a claim's value is best shown to a person. Claims come from outside: any JSON value must do. */
export function readClaim(name: string, value: unknown): ClaimView {
  if (value === null || value === undefined || value === "") return { kind: "empty" };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (typeof value === "number" && timeClaims.has(name)) {
    const at = new Date(Math.abs(value) >= firstMillisecond ? value : value * 1000);
    if (!Number.isNaN(at.getTime())) return { kind: "moment", at, raw: String(value) };
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return { kind: "empty" };
    const plain = value.every((item) => ["string", "number", "boolean"].includes(typeof item));
    if (plain) return { kind: "list", items: value.map(String) };
  }
  if (typeof value === "object") return { kind: "structure", json: JSON.stringify(value, null, 2) };
  return { kind: "text", text: String(value) };
}
