import { db } from "@/server/db/client";
import { count, move, took } from "@/server/telemetry/meters";
import { currentTraceId, traced } from "@/server/telemetry/spans";
import { serve } from "../registry/serve";

export interface RaceTask {
  warmUps: number;
  rounds: number;
  /** In each round. */
  calls: number;
}

/** How long each round took, in milliseconds. */
export interface RaceTimes {
  telemetry: number[];
  bare: number[];
}

/** All that a call of a service tells that needs a new token: spans, counts, and the trace in a line of the log. */
async function tellOnce(): Promise<void> {
  move("daemun.calls.open", 1);
  await traced("daemun.session.check", {}, async (tell) => {
    move("daemun.database.calls", 1);
    move("daemun.database.calls", -1);
    tell({ "daemun.outcome": "active" });
  });
  const facts = { "daemun.service": "shopping", "http.request.method": "GET" };
  await traced("daemun.service.call", facts, async (tell) => {
    await traced("daemun.token.refresh", { "daemun.provider": "company" }, async (tellOfRefresh) => {
      await traced("daemun.outbound", { "server.address": "company.test" }, async () => {});
      move("daemun.database.calls", 1);
      move("daemun.database.calls", -1);
      took("daemun.lease.wait", 0, { "daemun.provider": "company" });
      count("daemun.audit.events", { event: "token.refreshed", outcome: "success" });
      tellOfRefresh({ "daemun.outcome": "fresh" });
    });
    currentTraceId();
    tell({ "http.response.status_code": 200 });
  });
  move("daemun.calls.open", -1);
}

/** Tells all of it to nobody, and asks PostgreSQL for nothing, in turn. */
async function race({ warmUps, rounds, calls }: RaceTask): Promise<RaceTimes> {
  const acts: Record<keyof RaceTimes, () => Promise<unknown>> = {
    telemetry: tellOnce,
    bare: () => db.$queryRaw`SELECT 1`,
  };
  const kinds = Object.keys(acts) as (keyof RaceTimes)[];
  const times: RaceTimes = { telemetry: [], bare: [] };
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      const begun = performance.now();
      for (let call = 0; call < calls; call += 1) await acts[kind]();
      if (round >= warmUps) times[kind].push(performance.now() - begun);
    }
  }
  return times;
}

const requests = { race };
export type TelemetryRequests = typeof requests;
serve(requests);
