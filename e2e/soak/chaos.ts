import { setTimeout as sleep } from "node:timers/promises";
import type { FaultRuleInput } from "../../dev/provider/control-client";
import type { Random } from "./random";
import { during, type Instance, type World } from "./world";

/** How the database goes away and comes back: for `run.ts` it restarts, for the short run its wire is cut. */
export type DatabaseOutage = (awayMs: number) => Promise<void>;

type Chaos = Record<string, (random: Random) => Promise<void>>;

/** Lets one thing after another fail until the run is over: first each in its order, then as the seed says. */
export async function makeTrouble(world: World, random: Random, outage: DatabaseOutage): Promise<void> {
  const chaos = troubles(world, outage);
  const first = Object.keys(chaos);
  for (;;) {
    const pauseMs = random.between(2_500, 5_000);
    if (Date.now() + pauseMs > world.until) return;
    await sleep(pauseMs);
    const name = first.shift() ?? random.pick(Object.keys(chaos));
    await chaos[name]?.(random);
  }
}

function troubles(world: World, outage: DatabaseOutage): Chaos {
  const anInstance = (random: Random) => random.between(0, 1);
  const refreshes = { endpoint: "token", grantType: "refresh_token" } as const;
  const forAWhile = (random: Random) => sleep(random.between(1_500, 3_000));
  // Those that matter most come first: on a slow machine a minute has room for few.
  return {
    "an instance is killed while it refreshes": (random) =>
      spoil(
        world,
        "slow refreshes",
        [{ ...refreshes, times: null, fault: { kind: "delay", delayMs: 700 } }],
        async () => {
          await sleep(random.between(800, 1_500));
          await kill(world, anInstance(random), 200);
        },
      ),
    "the database goes away": (random) =>
      during(world, { kind: "database", what: "away" }, () => outage(random.between(300, 2_500))),
    "answers are lost": (random) =>
      spoil(
        world,
        "answers lost",
        [
          { ...refreshes, times: random.between(1, 4), fault: { kind: "reset_after_commit" } },
          { endpoint: "revocation", times: random.between(1, 3), fault: { kind: "reset_after_commit" } },
        ],
        () => forAWhile(random),
      ),
    "the provider's clock is off a little": (random) =>
      moveClock(world, random.pick([-25, -10, 10, 25]), random.between(2_000, 4_000)),
    "the provider answers 500": (random) =>
      spoil(
        world,
        "500",
        [
          {
            endpoint: random.pick(["all", "token", "discovery", "userinfo"]),
            times: null,
            fault: { kind: "respond", status: 500 },
          },
        ],
        () => forAWhile(random),
      ),
    "the provider hangs": (random) =>
      spoil(world, "hangs", [{ ...refreshes, times: random.between(1, 3), fault: { kind: "hang" } }], () =>
        forAWhile(random),
      ),
    "an instance is killed": (random) => kill(world, anInstance(random), random.between(200, 1_500)),
    "the provider is slow": (random) =>
      spoil(
        world,
        "slow",
        [{ endpoint: "token", times: null, fault: { kind: "delay", delayMs: random.between(300, 2_000) } }],
        () => forAWhile(random),
      ),
    "answers are cut": (random) =>
      spoil(
        world,
        "answers cut",
        [{ endpoint: "token", times: random.between(1, 4), fault: { kind: "truncate", bytes: 40 } }],
        () => forAWhile(random),
      ),
    "the provider's clock is off": (random) => moveClock(world, random.pick([-400, 400]), random.between(2_000, 4_000)),
  };
}

/** Kills an instance as the kernel does when memory is short, and starts it again on its port. */
export async function kill(world: World, number: number, downMs: number): Promise<void> {
  const instance = world.instances[number];
  if (!instance) return;
  await during(world, { kind: "kill", what: "SIGKILL", instance: number }, async () => {
    process.kill(-instance.running.pid, "SIGKILL");
    await instance.running.exit;
    await sleep(downMs);
    await revive(world, instance);
  });
}

async function revive({ app }: World, instance: Instance): Promise<void> {
  instance.running = await app.startOn(instance.port);
  instance.lives.push(instance.running);
}

async function spoil(
  world: World,
  what: string,
  rules: FaultRuleInput[],
  meanwhile: () => Promise<void>,
): Promise<void> {
  const { control } = world.app;
  await during(world, { kind: "provider", what }, async () => {
    for (const rule of rules) await control.addFault("company", rule);
    await meanwhile();
    await control.clearFaults("company");
  });
}

async function moveClock(world: World, seconds: number, forMs: number): Promise<void> {
  await during(world, { kind: "clock", what: `${seconds} s` }, async () => {
    await world.app.control.setClock("company", seconds);
    await sleep(forMs);
    await world.app.control.setClock("company", 0);
  });
}
