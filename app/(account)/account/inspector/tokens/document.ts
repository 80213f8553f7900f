import type { ErrorCode } from "@/edge/error-codes";

type Claims = Readonly<Record<string, unknown>>;

/** One document of a sign-in: what it says, or why that cannot be said. Never the document itself. */
export interface SignInDocument {
  kind: "id-token" | "userinfo" | "access-token";
  /** Of the resource that an access token is for. */
  name: string | null;
  /** Null where it cannot be read here, or was not to be had. */
  claims: Claims | null;
  /** Why it was not to be had. */
  code: ErrorCode | null;
  /** When an access token ends, also one that cannot be read here. */
  until: Date | null;
}

// These differ by what they are: of each document its own.
const ofEach = new Set([
  "aud",
  "exp",
  "iat",
  "nbf",
  "jti",
  "scope",
  "client_id",
  "azp",
  "at_hash",
  "nonce",
  "iss",
  "sid",
]);

/** The names of the claims that two documents say differently, though they are about the same user. */
export function differingClaims(documents: readonly SignInDocument[]): string[] {
  const said = documents.flatMap(({ claims }) => (claims ? [claims] : []));
  const names = new Set(said.flatMap((claims) => Object.keys(claims)));
  return [...names].filter((name) => {
    if (ofEach.has(name)) return false;
    const values = said.flatMap((claims) => (Object.hasOwn(claims, name) ? [stable(claims[name])] : []));
    return new Set(values).size > 1;
  });
}

/** Equal for what is equal, whatever order an object was written in. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** For how many seconds a document was made to last, by its own times; null where it does not say. */
export function lifetimeOf({ claims }: SignInDocument): number | null {
  const [iat, exp] = [claims?.iat, claims?.exp];
  return typeof iat === "number" && typeof exp === "number" && exp > iat ? exp - iat : null;
}
