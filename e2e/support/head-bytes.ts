import type { Page } from "./http-browser";

/** The bytes of a response's head, as a proxy buffers it. */
export function headBytes({ headers }: Page): number {
  return [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 20);
}
