import type { IssuerState } from "../issuer-state";

/** A browser that is signed in at the issuer. */
export interface SessionSummary {
  uid: string;
  sub: string;
  acr: string | null;
  /** When the person last proved who they are, in seconds since 1970. */
  authTime: number | null;
  /** The `sid` that each client knows this session by. */
  clients: Record<string, string>;
}

export function listSessions(state: IssuerState): SessionSummary[] {
  return state.store.rows("Session").flatMap(({ payload }) => {
    const { uid, accountId, acr, loginTs, authorizations } = payload;
    if (uid === undefined || accountId === undefined) return [];
    const sids = Object.entries(authorizations ?? {}).flatMap(([clientId, { sid }]) => (sid ? [[clientId, sid]] : []));
    return [{ uid, sub: accountId, acr: acr ?? null, authTime: loginTs ?? null, clients: Object.fromEntries(sids) }];
  });
}

/** Ends sessions at the issuer without telling anybody, as when a browser forgets its cookies. Answers how many. */
export function endSessions(state: IssuerState, filter: { sub?: string; uid?: string }): number {
  const ended = state.store
    .rows("Session")
    .filter(
      ({ payload }) =>
        payload.accountId !== undefined &&
        (filter.sub === undefined || payload.accountId === filter.sub) &&
        (filter.uid === undefined || payload.uid === filter.uid),
    );
  for (const row of ended) state.store.delete(row);
  return ended.length;
}
