/**
 * What the gate says of itself to Node, for a span: its sandbox reaches no SDK. In a header of the answer, which Node takes away
 * before anybody sees it.
 */
export const gateNoteHeader = "X-Daemun-Gate";

export interface GateNote {
  outcome: "passed" | "redirected" | "refused";
  /** UNIX times in milliseconds. */
  began: number;
  ended: number;
}

/** The header's value. */
export function writeGateNote({ outcome, began, ended }: GateNote): string {
  return `${outcome} ${began} ${ended}`;
}

/** Reads it; null for anything else. */
export function parseGateNote(value: unknown): GateNote | null {
  const [, outcome, began, ended] = /^(passed|redirected|refused) (\d{1,15}) (\d{1,15})$/.exec(String(value)) ?? [];
  return outcome ? { outcome: outcome as GateNote["outcome"], began: Number(began), ended: Number(ended) } : null;
}
