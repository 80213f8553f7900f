import "server-only";
import { digestLength, hex } from "./chain";

/** Something that does not fit the chain. */
export interface Fault {
  kind: keyof typeof faultTexts;
  /** `2026-11` */
  month: string;
  /** The number of the seal within its month, where one is concerned. */
  seal: number | null;
  /** The row. */
  id: string | null;
}

/** What each kind means. */
export const faultTexts = {
  changed: "was changed after it had been sealed.",
  deleted: "was deleted.",
  inserted: "was inserted behind the chain's back.",
  reordered: "stands where another row stood.",
  seal_changed: "was changed, or is not in its place.",
  seal_missing: "is missing.",
  anchor_missing: "is not what it was when the log was told of it.",
} as const;

/** A row as it is now. */
export interface PresentRow {
  id: string;
  digest: Buffer;
  erased: boolean;
}

interface Sealed {
  number: number;
  ids: string[];
  digests: Buffer;
}

/** Holds the rows of one seal against it, in their order. */
export function faultsOfRows(
  month: string,
  { number, ids, digests }: Sealed,
  present: ReadonlyMap<string, PresentRow>,
) {
  const faults: Fault[] = [];
  let fitting = 0;
  let erased = 0;
  // A row's digest says nothing of its id: what was moved has the digest of another place.
  const places = new Set<string>();
  for (let index = 0; index < ids.length; index += 1) places.add(hex(digestAt(digests, index)));
  for (const [index, id] of ids.entries()) {
    const row = present.get(id);
    const at = { month, seal: number, id };
    if (!row) faults.push({ kind: "deleted", ...at });
    else if (row.digest.equals(digestAt(digests, index))) {
      fitting += 1;
      if (row.erased) erased += 1;
    } else faults.push({ kind: places.has(hex(row.digest)) ? "reordered" : "changed", ...at });
  }
  return { faults, fitting, erased };
}

function digestAt(digests: Buffer, index: number): Buffer {
  return digests.subarray(index * digestLength, (index + 1) * digestLength);
}
