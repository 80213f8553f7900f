import { db } from "@/server/db/client";
import { expect } from "../registry/timed";
import { broker } from "./broker";
import { ownerOf, sampled, sealFor, target } from "./sample";

export interface ReadsTask {
  users: number;
  warmUps: number;
  rounds: number;
  /** In each round, each for another session. */
  calls: number;
  inFlight: number;
}

/** How long each round took, in milliseconds. */
export interface ReadTimes {
  token: number[];
  bare: number[];
}

const kinds = ["token", "bare"] as const;

/** Reads kept tokens by the broker, and the same rows by one bare query, in turn. */
export async function raceReads({ users, warmUps, rounds, calls, inFlight }: ReadsTask): Promise<ReadTimes> {
  const sample = Array.from({ length: calls }, (_, index) => sampled(index, users));
  await sealFor(sample);
  const reads = {
    token: sample.map((one) => {
      const owner = ownerOf(one);
      return async () => expect((await broker.getToken(owner, target)).kind, "token");
    }),
    bare: sample.map(({ tokenId }) => async () => {
      const where = { id: tokenId };
      // Of several findUnique at the same moment Prisma makes one statement; requests of different people seldom meet so.
      const row = await (inFlight === 1 ? db.accessToken.findUnique({ where }) : db.accessToken.findFirst({ where }));
      expect(row?.id, tokenId);
    }),
  };
  const times: ReadTimes = { token: [], bare: [] };
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      const begun = performance.now();
      await runAll(reads[kind], inFlight);
      if (round >= warmUps) times[kind].push(performance.now() - begun);
    }
  }
  return times;
}

async function runAll(reads: readonly (() => Promise<void>)[], inFlight: number): Promise<void> {
  const waiting = reads.values();
  const lane = async () => {
    for (const read of waiting) await read();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}
