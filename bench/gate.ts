import { build, type Server, start } from "./gate/server";
import { type Variant, variants } from "./gate/variants";
import { measure, median } from "./load";

/**
 * What the gate costs: a gated static page, signed in, against the same page behind an empty edge middleware and
 * behind NextAuth's `auth()`, each in a production build of its own. With `--report` a missed floor is only told.
 */
const rounds = 5;
const floors = { empty: 0.9, "next-auth": 2.2 } as const;

// What a browser says when a person follows a link.
const navigation = { Accept: "text/html", "Sec-Fetch-Mode": "navigate" };

const servers = new Map<Variant, Server>();
try {
  for (const variant of variants) {
    console.log(`Building with ${variant.label} …`);
    servers.set(variant, await start(await build(variant)));
  }
  for (const [variant, server] of servers) await verify(variant, server);
  report(await race());
} finally {
  await Promise.all([...servers.values()].map((server) => server.end()));
}

/** A benchmark of an error page, or of an open route, would flatter whoever is behind it. */
async function verify(variant: Variant, { url }: Server): Promise<void> {
  const page = `${url}/gated`;
  const signedIn = await fetch(page, { headers: { ...navigation, Cookie: await variant.signIn() } });
  if (signedIn.status !== 200 || !(await signedIn.text()).includes("For those who are signed in.")) {
    throw new Error(`With ${variant.label} the page does not come: ${signedIn.status}.`);
  }
  if (variant.name === "next-auth" && !signedIn.headers.get("set-cookie")?.includes("authjs.session-token=ey")) {
    throw new Error("NextAuth does not take the session for its own: it would have renewed the cookie.");
  }
  if (variant.name !== "gate") return;
  if (signedIn.headers.get("cache-control") !== "private, no-store") {
    throw new Error(`The gated page may be kept by caches: ${signedIn.headers.get("cache-control")}.`);
  }
  const stranger = await fetch(page, { redirect: "manual" });
  if (stranger.status !== 401) throw new Error(`The gate stands open to strangers: ${stranger.status}.`);
}

async function race(): Promise<Record<Variant["name"], number>> {
  const results = { gate: [] as number[], empty: [] as number[], "next-auth": [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    // Every other round runs backwards, so that a machine that slows down or speeds up favours nobody.
    for (const [variant, { url }] of round % 2 === 1 ? servers : [...servers].reverse()) {
      // A fresh cookie each time, as a browser would hold it: an old one is renewed with every request.
      const headers = { ...navigation, Cookie: await variant.signIn() };
      results[variant.name].push(await measure(`${url}/gated`, headers));
    }
    const line = variants.map(({ name, label }) => `${label} ${Math.round(results[name].at(-1) ?? 0)}`);
    console.log(`Round ${round}: ${line.join(", ")}`);
  }
  return {
    gate: median(results.gate),
    empty: median(results.empty),
    "next-auth": median(results["next-auth"]),
  };
}

function report(medians: Record<Variant["name"], number>): void {
  console.log(`\nRequests a second, median of ${rounds} rounds:`);
  for (const { name, label } of variants) console.log(`  ${label.padEnd(22)}${medians[name].toFixed(0).padStart(6)}`);
  console.log("\nThe gate reaches:");
  for (const name of ["empty", "next-auth"] as const) {
    const ratio = medians.gate / medians[name];
    const label = variants.find((variant) => variant.name === name)?.label ?? name;
    const met = ratio >= floors[name];
    console.log(`  ${ratio.toFixed(2)} of ${label} (at least ${floors[name].toFixed(2)})${met ? "" : ": MISSED"}`);
    if (!met && !process.argv.includes("--report")) process.exitCode = 1;
  }
}
