import "server-only";

/** Where a page of a list ends: the value that the list is ordered by, and an id for those that have the same. */
export interface Cursor {
  key: string;
  id: string;
}

const longest = 2_000;

/** A cursor as an address carries it. It says no more than the row that it is of. */
export function writeCursor({ key, id }: Cursor): string {
  return Buffer.from(JSON.stringify([key, id])).toString("base64url");
}

/** The cursor in an address; null for anything else, which begins the list. */
export function parseCursor(text: string | undefined): Cursor | null {
  if (!text || text.length > longest) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    const [key, id] = Array.isArray(parsed) && parsed.length === 2 ? parsed : [];
    return isPlain(key) && isPlain(id) ? { key, id } : null;
  } catch {
    return null;
  }
}

/** The same of a list that is ordered by time and by ids of one form. */
export function parseTimeCursor(text: string | undefined, idForm: RegExp): { at: Date; id: string } | null {
  const cursor = parseCursor(text);
  const at = new Date(cursor?.key ?? "");
  return cursor && idForm.test(cursor.id) && !Number.isNaN(at.getTime()) ? { at, id: cursor.id } : null;
}

export const uuidForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// PostgreSQL keeps no NUL, and no half of a surrogate pair.
function isPlain(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed() && !value.includes("\0");
}
