import { setTimeout as sleep } from "node:timers/promises";
import { createTemplate } from "@/dev/postgres/test-database";
import { buildForProduction, buildVariant } from "@/dev/run/build";
import { bogusLogoutToken } from "@/e2e/support/bogus-logout-token";
import { HttpBrowser } from "@/e2e/support/http-browser";
import { startTestApp } from "@/e2e/support/start-app";
import { quantile } from "./load";
import { runBench } from "./registry/run";
import { signInAs } from "./registry/sign-in";

/**
 * What a flood of logout tokens that nobody signed does to those who sign in: whole sign-ins with 15 such tokens a second
 * beside them, and without, in turn.
 */
const rounds = 5;
const signIns = { perRound: 40, everyMs: 250 };
const flood = { tokens: 150, everyMs: 66 };
const ceiling = 2.5;

await runBench("flood", async ({ server }) => {
  await buildForProduction(buildVariant("tests"));
  await createTemplate(server.url);
  const app = await startTestApp({ postgresUrl: server.url });
  try {
    let turn = 0;
    const one = async () => {
      turn += 1;
      const sub = `visitor-${turn}`;
      await app.control.putUser("company", { sub, login: sub, name: sub });
      const begun = performance.now();
      await signInAs(app.url, sub, new HttpBrowser());
      return performance.now() - begun;
    };
    /** They begin at their time, whether the ones before have ended or not: a slow app has no fewer visitors. */
    const round = () =>
      Promise.all(Array.from({ length: signIns.perRound }, (_, at) => sleep(at * signIns.everyMs).then(one)));
    const attack = () =>
      Promise.all(
        Array.from({ length: flood.tokens }, async (_, at) => {
          await sleep(at * flood.everyMs);
          const body = new URLSearchParams({ logout_token: bogusLogoutToken(app.issuers.company ?? "") });
          const { status } = await fetch(`${app.url}/api/oidc/company/backchannel-logout`, { method: "POST", body });
          if (status !== 400 && status !== 429) throw new Error(`A token that nobody signed was answered ${status}.`);
        }),
      );
    await round();
    const [quiet, flooded]: number[][] = [[], []];
    for (let number = 1; number <= rounds; number += 1) {
      quiet?.push(...(await round()));
      const [times] = await Promise.all([round(), attack()]);
      flooded?.push(...times);
    }
    const p95 = (times: readonly number[] = []) => quantile(times, 0.95);
    const ratio = p95(flooded) / p95(quiet);
    console.log(
      `p95 of ${rounds * signIns.perRound} sign-ins: ${p95(quiet).toFixed(0)} ms in quiet, ${p95(flooded).toFixed(0)} ms with ${flood.tokens} logout tokens by unknown keys in 10 s beside them: ${ratio.toFixed(2)}.`,
    );
    return ratio <= ceiling ? [] : [`a flood makes the p95 of sign-ins more than ${ceiling} times as long.`];
  } finally {
    await app.close();
  }
});
