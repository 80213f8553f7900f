import type { Adapter, AdapterPayload } from "oidc-provider";
import type { MovableClock } from "./clock";
import { errors } from "./library";

interface Row {
  model: string;
  id: string;
  payload: AdapterPayload;
  /** How far the clock was moved when the row was written. */
  offsetSeconds: number;
}

/** The detail that the library, too, gives for a used refresh token; the reuse counter knows it by this. */
export const alreadyUsed = "refresh token already used";

const timeFields = ["iat", "exp", "loginTs", "authTime", "iiat"] as const;

/**
 * Everything one issuer remembers, in memory. It outlives a Provider instance, so that keys can rotate by
 * building a new one over the same store.
 */
export class Store {
  #rows = new Map<string, Row>();
  #writes = 0;

  constructor(private readonly clock: MovableClock) {}

  /** The storage interface of oidc-provider for one of its models. */
  adapter(model: string): Adapter {
    return {
      upsert: async (id, payload) => {
        this.#forgetExpired();
        this.#rows.set(`${model}:${id}`, {
          model,
          id,
          payload: structuredClone(payload),
          offsetSeconds: this.clock.offsetSeconds,
        });
      },
      find: async (id) => this.#read(this.#rows.get(`${model}:${id}`)),
      findByUid: async (uid) => this.#read(this.rows(model).find((row) => row.payload.uid === uid)),
      findByUserCode: async (code) => this.#read(this.rows(model).find((row) => row.payload.userCode === code)),
      consume: async (id) => {
        const row = this.#rows.get(`${model}:${id}`);
        if (!row) return;
        // The library looks at `consumed` well before it gets here. Two requests at once would both pass, and the reuse
        // that we promise to notice would go unnoticed.
        if (row.payload.consumed !== undefined) {
          this.#endGrant(row.payload.grantId);
          throw new errors.InvalidGrant(model === "RefreshToken" ? alreadyUsed : "authorization code already used");
        }
        row.payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => {
        this.#rows.delete(`${model}:${id}`);
      },
      revokeByGrantId: async (grantId) => {
        for (const row of this.rows(model)) if (row.payload.grantId === grantId) this.delete(row);
      },
    };
  }

  /** The rows of one model as they were stored. */
  rows(model: string): readonly Row[] {
    return [...this.#rows.values()].filter((row) => row.model === model);
  }

  delete(row: Row): void {
    this.#rows.delete(`${row.model}:${row.id}`);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** Ends grants and all that was issued under them. Answers how many grants ended. */
  revokeGrants(filter: { sub?: string | undefined; clientId?: string | undefined }): number {
    const grants = this.rows("Grant").filter(
      ({ payload }) =>
        (filter.sub === undefined || payload.accountId === filter.sub) &&
        (filter.clientId === undefined || payload.clientId === filter.clientId),
    );
    for (const { id } of grants) this.#endGrant(id);
    return grants.length;
  }

  // Every so often, so that a soak test does not fill the memory. An hour is left for clocks that are moved back.
  #forgetExpired(): void {
    this.#writes += 1;
    if (this.#writes % 1_000 !== 0) return;
    const limit = Math.floor(Date.now() / 1000) - 3_600;
    for (const row of [...this.#rows.values()]) if ((row.payload.exp ?? limit) < limit) this.delete(row);
  }

  #endGrant(grantId: string | undefined): void {
    if (grantId === undefined) return;
    this.#rows.delete(`Grant:${grantId}`);
    for (const row of [...this.#rows.values()]) if (row.payload.grantId === grantId) this.delete(row);
  }

  // A clock moved ahead by an hour makes everything stored before an hour older: its times are read an hour earlier.
  #read(row: Row | undefined): AdapterPayload | undefined {
    if (!row) return undefined;
    const payload = structuredClone(row.payload);
    const elapsed = this.clock.offsetSeconds - row.offsetSeconds;
    for (const field of timeFields) {
      const time = payload[field];
      if (typeof time === "number") payload[field] = time - elapsed;
    }
    return payload;
  }
}
