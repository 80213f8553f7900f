import { parseArgs } from "node:util";
import type { AdministrationRequests } from "./administration/app";
import type { operations } from "./administration/operations";
import { rowsPerUser, seedTrail } from "./administration/seed-trail";
import { compare, type Measure } from "./registry/compare";
import { runBench } from "./registry/run";

/**
 * What administration costs when there is much to administer: each list and plot, by the server's own modules, with 1,000 users
 * in the database and with a million, who have two sessions and ten audit rows each. `-- --users <n>` for fewer.
 */
const { values } = parseArgs({ options: { users: { type: "string", default: "1000000" } } });
const sizes = { small: 1_000, large: Number(values.users) };
if (!Number.isInteger(sizes.large) || sizes.large < sizes.small)
  throw new Error("--users takes a whole number from 1000.");

const often = { warmUps: 50, rounds: 200 };
const measures: readonly Measure<keyof typeof operations>[] = [
  { operation: "newestUsers", label: "the newest users", indexes: ["User_createdAt_id_idx"], ...often },
  { operation: "nextUsers", label: "the next page of them", indexes: ["User_createdAt_id_idx"], ...often },
  { operation: "searchName", label: "users by name", indexes: ["User_name_prefix_idx"], ...often },
  { operation: "searchEmail", label: "users by address", indexes: ["User_email_prefix_idx"], ...often },
  { operation: "searchSubject", label: "users by subject", indexes: ["Account_subject_prefix_idx"], ...often },
  { operation: "userPage", label: "a user", indexes: ["User_pkey"], ...often },
  { operation: "sessions", label: "live sessions", indexes: ["Session_live_idx"], ...often },
  { operation: "sessionsFiltered", label: "of a provider and device", indexes: ["Session_live_device_idx"], ...often },
  { operation: "trail", label: "the audit trail", indexes: [], ...often },
  { operation: "trailBefore", label: "long ago", indexes: [], ...often },
  { operation: "trailOfEvent", label: "of an event, long ago", indexes: [], ...often },
  { operation: "trailOfFailures", label: "of one outcome", indexes: [], ...often },
  { operation: "plots", label: "plots and clocks", indexes: ["DailyCount_pkey", "Session_live_device_idx"], ...often },
];

await runBench("admin", async ({ fill, start }) => {
  const prepare = async (users: number) => {
    const url = await fill(users);
    await seedTrail(url, users);
    console.log(`${(users * rowsPerUser).toLocaleString("en")} audit rows`);
    const instance = start<AdministrationRequests>({
      script: new URL("administration/app.ts", import.meta.url),
      databaseUrl: url,
    });
    return { size: users.toLocaleString("en"), users, url, instance };
  };
  return compare(measures, await prepare(sizes.small), await prepare(sizes.large));
});
