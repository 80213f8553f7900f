import { median } from "./load";
import { compare, type Measure } from "./registry/compare";
import type { Instance } from "./registry/instance";
import { runBench } from "./registry/run";
import type { TokenRequests } from "./tokens/app";
import type { operations } from "./tokens/operations";
import { measureStorm } from "./tokens/storm";

/**
 * What access tokens cost, by the server's own modules: a kept one against one bare query, a refresh that a crowd waits
 * for against the provider's own time, and 1,000,000 grants against 1,000.
 */
const sizes = { small: 1_000, large: 1_000_000 };
const floor = 0.7;

const measures: readonly Measure<keyof typeof operations>[] = [
  {
    operation: "readCached",
    label: "a kept token",
    warmUps: 200,
    rounds: 600,
    indexes: ["Grant_sessionId_idx", "AccessToken_grantId_resource_organization_scope_key"],
    statements: 1,
  },
  {
    operation: "leaseAndPublish",
    label: "the lease and what a refresh brought",
    warmUps: 100,
    rounds: 300,
    indexes: ["Grant_pkey", "Session_pkey", "AccessToken_grantId_resource_organization_scope_key"],
    statements: 2,
  },
  {
    operation: "withdraw",
    label: "taking a grant back",
    warmUps: 60,
    rounds: 300,
    indexes: ["Grant_sessionId_idx", "AccessToken_grantId_resource_organization_scope_key"],
  },
];

await runBench("tokens", async ({ secrets, fill, start }) => {
  const script = new URL("tokens/app.ts", import.meta.url);
  const prepare = async (grants: number) => {
    // Everybody has two sessions, with a grant each.
    const users = grants / 2;
    const url = await fill(users);
    const instance = start<TokenRequests>({ script, databaseUrl: url });
    return { size: grants.toLocaleString("en"), users, url, instance };
  };
  const small = await prepare(sizes.small);
  const large = await prepare(sizes.large);
  const missed = await compare(measures, small, large);
  await small.instance.end();
  const databaseUrl = large.url;
  missed.push(...(await raceReads(start<TokenRequests>({ script, databaseUrl }), large.users)));
  missed.push(...(await measureStorm(secrets.clientSecret, (issuer) => start({ script, databaseUrl, issuer }))));
  return missed;
});

async function raceReads(instance: Instance<TokenRequests>, users: number): Promise<string[]> {
  console.log(`\n${"Calls a second, medians of 40 rounds".padEnd(38)}bare query  kept token   ratio`);
  const missed: string[] = [];
  for (const inFlight of [1, 8]) {
    const times = await instance.ask("raceReads", { users, warmUps: 10, rounds: 40, calls: 200, inFlight });
    const [bare, token] = [200_000 / median(times.bare), 200_000 / median(times.token)];
    const label = `${inFlight} in flight`;
    const figures = [
      bare.toFixed(0).padStart(10),
      token.toFixed(0).padStart(12),
      (token / bare).toFixed(2).padStart(8),
    ];
    console.log(`  ${label.padEnd(36)}${figures.join("")}`);
    if (!(token / bare >= floor))
      missed.push(`a kept token, ${label}, has less than ${floor} of a bare query's calls.`);
  }
  await instance.end();
  return missed;
}
