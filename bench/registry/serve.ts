import { db } from "@/server/db/client";
import { disconnectAside } from "./connection";

/** What a process can be asked to do, by name. What goes in and comes out has to survive a structured clone. */
export type Requests = Record<string, (input: never) => Promise<unknown>>;

export interface Request {
  name: string;
  input: unknown;
}

export type Answer = { output: unknown } | { fault: string };

/**
 * Makes this process an instance of the app, with the server's modules on the one database that the environment names. It
 * works off one request at a time, and ends in order when the bench lets go.
 */
export function serve(requests: Requests): void {
  process.on("message", ({ name, input }: Request) => {
    const request = requests[name] as ((input: unknown) => Promise<unknown>) | undefined;
    answer(request, input).then((it) => process.connected && process.send?.(it));
  });
  process.on("disconnect", () => void Promise.all([db.$disconnect(), disconnectAside()]));
}

async function answer(request: ((input: unknown) => Promise<unknown>) | undefined, input: unknown): Promise<Answer> {
  try {
    if (!request) throw new Error("Nobody here does that.");
    return { output: await request(input) };
  } catch (error) {
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
