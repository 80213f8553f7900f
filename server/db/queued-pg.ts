import "server-only";
import type { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { move } from "../telemetry/meters";
import { createQueue } from "./semaphore";
import { isDatabaseUnavailable } from "./unavailable";
import { ZonedPg } from "./zoned-times";

type Connected = Awaited<ReturnType<PrismaPg["connect"]>>;
type Queryable = Pick<Connected, "queryRaw" | "executeRaw">;
type Around = <T>(work: () => Promise<T>) => Promise<T>;

/** How a crowd waits for the database: in any number that a page could cause, and while anybody is answered. */
export const queueLimits = { maxWaiting: 2_000, stalledMs: 5_500, isCommon: isDatabaseUnavailable };

/**
 * An adapter whose callers wait for a free connection in the order of arrival. The driver's own queue refuses whoever waits
 * for three seconds, in the words of a database that is away; here that time is left to connecting.
 */
export class QueuedPg extends ZonedPg {
  readonly #queue;

  constructor(config: pg.PoolConfig & { max: number }, options: ConstructorParameters<typeof PrismaPg>[1]) {
    super(config, options);
    this.#queue = createQueue({ ...queueLimits, atOnce: config.max });
  }

  override async connect() {
    const { acquire, note, run } = this.#queue;
    const connected = await super.connect();
    const begin = connected.startTransaction.bind(connected);
    return Object.assign(around(connected, counted(run)), {
      startTransaction: async (...isolation: Parameters<typeof begin>) => {
        move("daemun.database.calls", 1);
        const permit = await acquire().catch((error: unknown) => {
          move("daemun.database.calls", -1);
          throw error;
        });
        let isDone = false;
        // After a commit that failed comes a rollback.
        const release = () => {
          permit();
          if (!isDone) move("daemun.database.calls", -1);
          isDone = true;
        };
        try {
          const transaction = await note(() => begin(...isolation));
          const { commit, rollback } = transaction;
          return Object.assign(around(transaction, note), {
            commit: () => commit.call(transaction).finally(release),
            rollback: () => rollback.call(transaction).finally(release),
          });
        } catch (error) {
          release();
          throw error;
        }
      },
    });
  }
}

/** Statements and transactions that are asked for and not yet done, those that wait for a connection among them. */
function counted(how: Around): Around {
  return (work) => {
    move("daemun.database.calls", 1);
    return how(work).finally(() => move("daemun.database.calls", -1));
  };
}

function around<T extends Queryable>(queryable: T, how: Around): T {
  const { queryRaw, executeRaw } = queryable;
  return Object.assign(queryable, {
    queryRaw: (query: Parameters<typeof queryRaw>[0]) => how(() => queryRaw.call(queryable, query)),
    executeRaw: (query: Parameters<typeof executeRaw>[0]) => how(() => executeRaw.call(queryable, query)),
  });
}
