import pg from "pg";
import { median } from "../load";
import type { Instance } from "./instance";
import { countScans, explain } from "./plans";
import type { Task, Timing } from "./timed";

const ceiling = 1.5;

/** One thing that is done on a small database and on a large one in turn. */
export interface Measure<Name extends string> {
  operation: Name;
  label: string;
  warmUps: number;
  rounds: number;
  /** Indexes that have to be among those it is answered by. */
  indexes: string[];
  /** How many statements it may cost, where that is a promise. */
  statements?: number;
}

export interface Side<Name extends string> {
  /** Says how large it is. */
  size: string;
  users: number;
  url: string;
  instance: Instance<{ carryOut(task: Task<Name>): Promise<Timing> }>;
}

/**
 * Does each thing on both sides in turn, prints what it costs, and looks at how PostgreSQL plans the large side's
 * statements. Ends the large side's instance, which has to be the only one on its database.
 *
 * @returns what takes more than 1.5 times as long when there is much more, or is not answered by an index
 */
export async function compare<Name extends string>(
  measures: readonly Measure<Name>[],
  small: Side<Name>,
  large: Side<Name>,
): Promise<string[]> {
  const client = new pg.Client({ connectionString: large.url });
  client.on("error", () => {});
  await client.connect();
  try {
    const before = await countScans(client);
    const faults: string[] = [];
    const sizes = [small.size.padStart(10), large.size.padStart(10)];
    console.log(`\n${"Milliseconds, medians".padEnd(38)}${sizes.join("")}   ratio`);
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

async function race<Name extends string>(
  { operation, warmUps, rounds }: Measure<Name>,
  small: Side<Name>,
  large: Side<Name>,
) {
  const times = { small: [] as number[], large: [] as number[] };
  const once = async (side: "small" | "large", run: number) => {
    const { users, instance } = side === "small" ? small : large;
    const { ms } = await instance.ask("carryOut", { operation, run, users, isRecorded: false });
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
async function inspect<Name extends string>(
  measure: Measure<Name>,
  { instance, users }: Side<Name>,
  client: pg.Client,
): Promise<string[]> {
  const { operation, label, warmUps, rounds } = measure;
  const { statements } = await instance.ask("carryOut", { operation, run: warmUps + rounds, users, isRecorded: true });
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
