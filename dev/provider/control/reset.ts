import type { IssuerState } from "../issuer-state";

/** Back to how the issuer was started, but for its clients and its key. */
export function reset(state: IssuerState): { ok: true } {
  state.journal.clear();
  state.faults.clear();
  state.users.reset();
  state.store.clear();
  state.clock.offsetSeconds = 0;
  state.dialect = state.initialDialect;
  state.habits = null;
  return { ok: true };
}
