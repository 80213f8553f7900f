import pg from "pg";
import { makeSecrets } from "@/dev/secrets";
import { onStop } from "@/dev/stop-signals";
import { generateClient } from "@/prisma/generate";
import { median } from "./load";
import type { Task } from "./session/app";
import { startServer } from "./session/databases";
import { type Instance, startInstance } from "./session/instance";
import { countScans, explain } from "./session/plans";

/**
 * What the session registry costs when it is large: each thing that is asked of it, done by the server's own modules with
 * 1,000 people in the database and with a million, in turn.
 */
const sizes = { small: 1_000, large: 1_000_000 };
const ceiling = 1.5;

interface Measure {
  operation: Task["operation"];
  label: string;
  warmUps: number;
  rounds: number;
  /** Indexes that have to be among those it is answered by. */
  indexes: string[];
  /** How many statements it may cost, where that is a promise. */
  statements?: number;
}

const measures: readonly Measure[] = [
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

interface Side {
  people: number;
  url: string;
  instance: Instance;
}

generateClient();
const server = await startServer();
const instances: Instance[] = [];
let ending: Promise<void> | undefined;
function end(): Promise<void> {
  ending ??= Promise.all(instances.map((instance) => instance.end())).then(() => server.end());
  return ending;
}
onStop(() => void end().finally(() => process.exit(1)));

try {
  const secrets = makeSecrets();
  const prepare = async (people: number): Promise<Side> => {
    const begun = performance.now();
    const url = await server.fill(people);
    const instance = startInstance(url, secrets);
    instances.push(instance);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${people.toLocaleString("en")} people, ${(2 * people).toLocaleString("en")} sessions: ${seconds} s`);
    return { people, url, instance };
  };
  const small = await prepare(sizes.small);
  const large = await prepare(sizes.large);
  const faults = await bench(small, large);
  for (const fault of faults) console.log(`MISSED: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await end();
}

async function bench(small: Side, large: Side): Promise<string[]> {
  const client = new pg.Client({ connectionString: large.url });
  client.on("error", () => {});
  await client.connect();
  try {
    const before = await countScans(client);
    const faults: string[] = [];
    console.log(`\nMilliseconds, medians${" ".repeat(22)}1,000 1,000,000   ratio`);
    for (const measure of measures) {
      const times = await race(measure, small, large);
      const [few, many] = [median(times.small), median(times.large)];
      const figures = [few.toFixed(2).padStart(10), many.toFixed(2).padStart(10), (many / few).toFixed(2).padStart(8)];
      console.log(`  ${measure.label.padEnd(36)}${figures.join("")}`);
      if (!(many / few <= ceiling)) faults.push(`${measure.label} takes more than ${ceiling} times as long.`);
      faults.push(...(await inspect(measure, large, client)));
    }
    await large.instance.end();
    for (const [table, scans] of await countScans(client)) {
      const more = scans - (before.get(table) ?? 0);
      if (more > 0) faults.push(`${table} was read from end to end, ${more} times.`);
    }
    return faults;
  } finally {
    await client.end();
  }
}

async function race({ operation, warmUps, rounds }: Measure, small: Side, large: Side) {
  const times = { small: [] as number[], large: [] as number[] };
  const once = async (side: "small" | "large", run: number) => {
    const { people, instance } = side === "small" ? small : large;
    const { ms } = await instance.carryOut({ operation, run, people, isRecorded: false });
    if (run >= warmUps) times[side].push(ms);
  };
  for (let run = 0; run < warmUps + rounds; run += 1) {
    // Every other round runs backwards, so that a machine that slows down or speeds up favours nobody.
    for (const side of run % 2 === 0 ? (["small", "large"] as const) : (["large", "small"] as const)) {
      await once(side, run);
    }
  }
  return times;
}

/** Looks at the statements that one more time sends, and at how PostgreSQL plans them. */
async function inspect(measure: Measure, { instance, people }: Side, client: pg.Client): Promise<string[]> {
  const { operation, label, warmUps, rounds } = measure;
  const { statements } = await instance.carryOut({ operation, run: warmUps + rounds, people, isRecorded: true });
  const { indexes, faults } = await explain(client, statements);
  console.log(
    `    ${statements.length === 1 ? "1 statement" : `${statements.length} statements`}, by ${indexes.join(", ")}`,
  );
  const missing = measure.indexes.filter((index) => !indexes.includes(index));
  return [
    ...faults.map((fault) => `${label} ${fault}`),
    ...missing.map((index) => `${label} is not answered by ${index}.`),
    ...(measure.statements === undefined || statements.length === measure.statements
      ? []
      : [`${label} costs ${statements.length} statements, not ${measure.statements}.`]),
  ];
}
