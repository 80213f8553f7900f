import "server-only";
import { Prisma } from "@/prisma/generated/client";

// Both are the format of the chain, version 1. What is sealed by it is read for years: a change is a version 2 beside it.

/**
 * Whether a row of "AuditEvent" is erased: it has kept the digest of what was personal, and nothing else of it. A row that
 * has both is forged, and its digest is not believed.
 */
export const isErased = Prisma.sql`("erased" IS NOT NULL AND "salt" IS NULL AND "userId" IS NULL AND "ip" IS NULL
  AND "userAgent" IS NULL AND CASE jsonb_typeof("detail") WHEN 'object' THEN "detail" - 'surplus' = '{}' ELSE false END)`;

/**
 * The digest of what is personal in a row of "AuditEvent": SHA-256 over JSON of salt, user id, address, user agent and
 * detail, in PostgreSQL's own spelling of `jsonb`. An erased row has kept its own; of a row that only says so, `erased` is one
 * field more.
 *
 * Not covered is `surplus`, the count of what was too many in its minute: it is written after the row, by older versions
 * too. A `detail` that is no object is none of ours, and has none.
 */
export const personalDigest = Prisma.sql`CASE WHEN ${isErased} THEN "erased" ELSE sha256(convert_to((jsonb_build_array(
  "salt", "userId", "ip", "userAgent", CASE jsonb_typeof("detail") WHEN 'object' THEN "detail" - 'surplus' ELSE "detail" END
) || CASE WHEN "erased" IS NULL THEN '[]' ELSE jsonb_build_array(encode("erased", 'hex')) END)::text, 'UTF8')) END`;

/** The digest of a whole row but for its id: SHA-256 over JSON of its other fields, the personal ones by their digest. */
export const rowDigest = Prisma.sql`sha256(convert_to(jsonb_build_array(
  floor(extract(epoch FROM "at") * 1000)::bigint, "event", "outcome", "reason", "sessionHash", "provider", "issuer", "requestId",
  encode(${personalDigest}, 'hex')
)::text, 'UTF8'))`;
