/** What a page's address says: each name at most once. */
export type Query = Record<string, string | string[] | undefined>;

/** The value of a field of a form that was sent by GET; undefined where it is empty, absent or said twice. */
export function valueIn(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === "string" && value.trim() !== "" && value.isWellFormed() && !value.includes("\0")
    ? value.trim().slice(0, 2_000)
    : undefined;
}

/** A page's address with these fields, those that are undefined left out. */
export function addressOf(path: string, fields: Record<string, string | undefined>): string {
  const said = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return said.length > 0 ? `${path}?${new URLSearchParams(said)}` : path;
}
