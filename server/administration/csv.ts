import "server-only";

// What a spreadsheet would take for a formula: OWASP, "CSV Injection". A tab or a line end may come before it.
const formula = /^\s*[=+\-@|%]|^[\t\r\n]/;
// Where its separator is another than a comma, a cell of ours is several of its own, and our quotes are none to it. The look back
// comes after the character: before each one, it would read spaces again and again.
const formulaWithin = /[=+\-@|%](?<=[;\t|\r\n][\s"]*[=+\-@|%])/g;

/** One line of CSV (RFC 4180). A text that a spreadsheet would run as a formula has an apostrophe in front. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: string | null): string {
  const text = (cell ?? "").replaceAll(formulaWithin, "'$&");
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
