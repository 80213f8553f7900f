import { measure, median, quantile } from "./load";
import { countStatements } from "./proxy/count-statements";
import { ask, askOneByOne, type Endpoint } from "./proxy/one-by-one";
import { openWorld, type World } from "./proxy/world";
import { runBench } from "./registry/run";

/**
 * What the proxy costs: small JSON GETs through it, with session and token, against a route of the same app that fetches
 * the same service without either, and against that service itself.
 */
const users = 50;
const rounds = 5;
const floor = 0.8;
const oneByOne = { warmUps: 200, times: 2_000 };
/** One for the session and one for the token, and once in half a minute somebody's activity. */
const mostStatements = 2.1;

// What a script of our own page sends.
const scripts = { Accept: "*/*", "X-CSRF": "1", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };

await runBench("proxy", async ({ secrets, fill }) => {
  const databaseUrl = await fill(1_000);
  const world = await openWorld(databaseUrl, secrets, users);
  try {
    const endpoints = endpointsOf(world);
    await verify(endpoints, world);
    const missed = report(await race(endpoints, world));
    const statements = await countStatements(databaseUrl, () =>
      reportOneByOne(endpointsFor(endpoints, world.cookies[0])),
    );
    const each = statements / (oneByOne.warmUps + oneByOne.times);
    console.log(`\nStatements for a request through the proxy: ${each.toFixed(2)}`);
    if (!(each <= mostStatements)) missed.push(`a request costs ${each.toFixed(2)} statements, not 2.`);
    return missed;
  } finally {
    await world.end();
  }
});

function endpointsOf({ appUrl, upstreamUrl }: World) {
  return [
    { label: "through the proxy", url: `${appUrl}/api/services/shopping/orders` },
    { label: "by a plain route", url: `${appUrl}/api/plain` },
    { label: "the service itself", url: `${upstreamUrl}/orders` },
  ];
}

function endpointsFor(endpoints: ReturnType<typeof endpointsOf>, cookie = ""): Endpoint[] {
  return endpoints.map((endpoint) => ({ ...endpoint, headers: { ...scripts, Cookie: cookie } }));
}

/** Everybody gets a token before anything is measured; and a benchmark of errors, or of an open route, would flatter. */
async function verify(endpoints: ReturnType<typeof endpointsOf>, { cookies }: World): Promise<void> {
  for (const cookie of cookies) {
    const answers = await Promise.all(endpointsFor(endpoints, cookie).map((endpoint) => ask(endpoint)));
    if (new Set(answers).size !== 1) throw new Error("The routes do not answer the same.");
  }
  const [proxy] = endpoints;
  const stranger = await fetch(proxy?.url ?? "", { headers: scripts });
  if (stranger.status !== 401) throw new Error(`The proxy stands open to strangers: ${stranger.status}.`);
}

async function race(endpoints: ReturnType<typeof endpointsOf>, { cookies }: World): Promise<number[]> {
  const results: number[][] = endpoints.map(() => []);
  const everybody = cookies.map((Cookie) => ({ ...scripts, Cookie }));
  // The first one is not counted: it has the app's code compiled.
  for (let round = 0; round <= rounds; round += 1) {
    // Every other round runs backwards, so that a machine that slows down or speeds up favours nobody.
    const order = [...endpoints.entries()];
    const line: string[] = [];
    for (const [at, { label, url }] of round % 2 === 1 ? order : order.reverse()) {
      const rate = await measure(url, ...everybody);
      if (round > 0) results[at]?.push(rate);
      line.push(`${label} ${Math.round(rate)}`);
    }
    console.log(`${round === 0 ? "Warm-up" : `Round ${round}`}: ${line.join(", ")}`);
  }
  console.log(`\nRequests a second from ${users} connections, medians of ${rounds} rounds:`);
  for (const [at, { label }] of endpoints.entries()) {
    console.log(
      `  ${label.padEnd(22)}${median(results[at] ?? [])
        .toFixed(0)
        .padStart(6)}`,
    );
  }
  return results.map(median);
}

function report([proxy = Number.NaN, plain = Number.NaN, upstream = Number.NaN]: number[]): string[] {
  console.log("\nThe proxy reaches:");
  console.log(`  ${(proxy / plain).toFixed(2)} of the plain route (at least ${floor.toFixed(2)})`);
  console.log(`  ${(proxy / upstream).toFixed(3)} of the service itself`);
  return proxy / plain >= floor ? [] : [`the proxy has less than ${floor} of the plain route's requests.`];
}

async function reportOneByOne(endpoints: readonly Endpoint[]): Promise<void> {
  const took = await askOneByOne(endpoints, oneByOne.warmUps, oneByOne.times);
  const at = (share: number) => took.map((times) => quantile(times, share));
  const [middle, late] = [at(0.5), at(0.99)];
  console.log(`\n${"Milliseconds, one request after another".padEnd(42)}median      p99`);
  for (const [endpoint, { label }] of endpoints.entries()) {
    const figures = [middle, late].map((values) => (values[endpoint] ?? Number.NaN).toFixed(2).padStart(9));
    console.log(`  ${label.padEnd(37)}${figures.join("")}`);
  }
  const [proxy = Number.NaN, plain = Number.NaN, upstream = Number.NaN] = late;
  console.log(`The proxy's p99 is ${(proxy - plain).toFixed(2)} ms above the plain route's,`);
  console.log(`and ${(proxy - upstream).toFixed(2)} ms above the service's own.`);
}
