import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "./world";

const everyMs = 250;
// Limits of the app are seconds. What takes a second here, where nothing is to be done, is near them with work.
const starvedMs = 750;

/**
 * Notes when the machine has no time: for this process, in which users, provider and services are, for an instance, or for
 * the database. Whoever waits for them then waits for the machine.
 *
 * @returns a function that ends it
 */
export function watchForStarvation({ app, instances, history }: World): () => void {
  let isOver = false;
  const watch = async (what: string, ask: () => Promise<unknown>) => {
    while (!isOver) {
      const begin = Date.now();
      const isWell = await ask().then(
        () => true,
        () => false,
      );
      const end = Date.now();
      // One that is away on purpose is no sign of anything.
      if (isWell && end - begin > starvedMs) history.faults.push({ kind: "starved", what, instance: null, begin, end });
      await sleep(Math.max(0, everyMs - (end - begin)));
    }
  };
  void watch("this process", () => sleep(1));
  void watch("the database", () => app.rows("SELECT 1"));
  for (const { url } of instances)
    void watch("an instance", () => fetch(`${url}/healthz`).then((answer) => answer.text()));
  return () => {
    isOver = true;
  };
}
