import "server-only";

/**
 * The one of `known` that was probably meant by `name`: the fewest letters apart (left out, added, replaced, or two swapped), at
 * most one in each five and two in all; null where none is that near.
 */
export function nearest(name: string, known: Iterable<string>): string | null {
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of known) {
    const most = Math.min(2, Math.floor(Math.max(name.length, candidate.length) / 5));
    const distance = Math.abs(name.length - candidate.length) > most ? most + 1 : distanceOf(name, candidate);
    if (distance > 0 && distance <= most && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** ` Did you mean …?`, or nothing. */
export function didYouMean(meant: string | null): string {
  return meant === null ? "" : ` Did you mean ${meant}?`;
}

// The optimal string alignment distance.
function distanceOf(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      (rows[row] as number[])[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(a.length, b.length);
}
