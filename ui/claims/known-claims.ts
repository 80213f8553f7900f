import en from "@/messages/en.json";

type LabelledClaim = keyof typeof en.account.claims.labels;

const labels = en.account.claims.labels;
const ranks = new Map(Object.keys(labels).map((name, rank) => [name, rank]));

/** Whether the claim has a name in people's words. Own keys only: a claim may be called "constructor". */
export function hasLabel(name: string): name is LabelledClaim {
  return Object.hasOwn(labels, name);
}

/**
 * Claims in the order that people look for them: who they are, what they may do, then what the protocol needs, then
 * what only the provider knows the meaning of. A database keeps no order of its own.
 */
export function orderClaims(claims: Record<string, unknown>): [name: string, value: unknown][] {
  const rank = (name: string) => ranks.get(name) ?? ranks.size;
  return Object.entries(claims).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
