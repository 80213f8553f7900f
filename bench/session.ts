import { compare, type Measure } from "./registry/compare";
import { runBench } from "./registry/run";
import type { SessionRequests } from "./session/app";
import type { operations } from "./session/operations";

/**
 * What the session registry costs when it is large: each thing that is asked of it, done by the server's own modules with
 * 1,000 people in the database and with a million, in turn.
 */
const sizes = { small: 1_000, large: 1_000_000 };

const measures: readonly Measure<keyof typeof operations>[] = [
  {
    operation: "check",
    label: "the authoritative check",
    warmUps: 200,
    rounds: 500,
    indexes: ["Session_sessionToken_key", "User_pkey"],
    statements: 1,
  },
  {
    operation: "list",
    label: "the device list",
    warmUps: 100,
    rounds: 300,
    indexes: ["Session_userId_endedAt_lastActiveAt_idx"],
  },
  {
    operation: "endEverywhere",
    label: "end everywhere",
    warmUps: 60,
    rounds: 300,
    indexes: ["Session_userId_endedAt_lastActiveAt_idx", "Grant_sessionId_idx"],
  },
  {
    operation: "endForgotten",
    label: "a batch of the sweep: ending",
    warmUps: 10,
    rounds: 60,
    indexes: ["Session_endedAt_idleExpiresAt_idx", "Grant_sessionId_idx"],
  },
  {
    operation: "deleteOld",
    label: "a batch of the sweep: deleting",
    warmUps: 10,
    rounds: 60,
    indexes: ["Session_expires_idx"],
  },
];

await runBench("session", async ({ fill, start }) => {
  const prepare = async (users: number) => {
    const url = await fill(users);
    const instance = start<SessionRequests>({ script: new URL("session/app.ts", import.meta.url), databaseUrl: url });
    return { size: users.toLocaleString("en"), users, url, instance };
  };
  return compare(measures, await prepare(sizes.small), await prepare(sizes.large));
});
