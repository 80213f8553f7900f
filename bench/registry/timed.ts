import { recordStatements, type Statement } from "./statements";

/** Makes ready for the `run`th time, and answers with what is to be timed. `people` are as many as were seeded. */
export type Operation = (run: number, users: number) => Promise<() => Promise<void>>;

/** What is to be done once, and whether its statements are wanted rather than the time it takes. */
export interface Task<Name extends string = string> {
  operation: Name;
  run: number;
  users: number;
  isRecorded: boolean;
}

export interface Timing {
  ms: number;
  statements: Statement[];
}

/** Answers tasks with how long they took, or with what they sent. */
export function timed<Name extends string>(operations: Record<Name, Operation>) {
  return async ({ operation, run, users, isRecorded }: Task<Name>): Promise<Timing> => {
    const act = await operations[operation](run, users);
    if (isRecorded) return { ms: Number.NaN, statements: await recordStatements(act) };
    const begun = performance.now();
    await act();
    return { ms: performance.now() - begun, statements: [] };
  };
}

/** @throws Error when a thing that was done did not do what it should */
export function expect(actual: unknown, wanted: unknown): void {
  if (actual !== wanted)
    throw new Error(`It came out as ${actual} instead of ${wanted}: nothing that can be compared.`);
}
