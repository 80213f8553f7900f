import { db } from "@/server/db/client";
import { secondsOverLimit } from "@/server/limits/limit";
import { connectAside } from "../registry/connection";
import { serve } from "../registry/serve";
import { expect } from "../registry/timed";

export interface RaceTask {
  /** How many rows there are to count on. */
  rows: number;
  warmUps: number;
  rounds: number;
  /** In each round. */
  calls: number;
}

/** How long each round took, in milliseconds. */
export interface RaceTimes {
  known: number[];
  fresh: number[];
  bare: number[];
}

// A prime, so that the rows that are counted on lie anywhere in the table.
const stride = 7919;
let freshest = 0;

/** Makes as many rows as when so many users did something within the last minute. */
async function fill({ rows }: { rows: number }): Promise<void> {
  const client = await connectAside();
  await client.query(
    `INSERT INTO "RateLimit" (key, count, "expiresAt")
     SELECT 'sign-in user ' || n, 1, now() + interval '1 hour' FROM generate_series(0, $1::int - 1) n`,
    [rows],
  );
  await client.query(`VACUUM ANALYZE "RateLimit"`);
}

/** Checks a limit of somebody who has a row, and of somebody who has none, and asks PostgreSQL for nothing, in turn. */
async function race({ rows, warmUps, rounds, calls }: RaceTask): Promise<RaceTimes> {
  const within = async (user: string) => expect(await secondsOverLimit("sign-in", user), null);
  const acts: Record<keyof RaceTimes, (call: number) => Promise<unknown>> = {
    known: (call) => within(String((call * stride) % rows)),
    fresh: () => within(`fresh-${freshest++}`),
    bare: () => db.$queryRaw`SELECT 1`,
  };
  const kinds = Object.keys(acts) as (keyof RaceTimes)[];
  const times: RaceTimes = { known: [], fresh: [], bare: [] };
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      const begun = performance.now();
      for (let call = 0; call < calls; call += 1) await acts[kind](round * calls + call);
      if (round >= warmUps) times[kind].push(performance.now() - begun);
    }
  }
  return times;
}

const requests = { fill, race };
export type LimitRequests = typeof requests;
serve(requests);
