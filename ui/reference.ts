/** @returns a request id as the server mints them, else null: nothing else from a URL is shown. */
export function parseReference(value: unknown): string | null {
  return typeof value === "string" && /^[A-Za-z0-9-]{8,64}$/.test(value) ? value : null;
}
