import { expect, inject, it } from "vitest";
import { formatReport } from "../../soak/report";
import { soak } from "../../soak/soak";

const seconds = 60;

it("a minute of sign-ins, calls, streams and sign-outs on two instances, with kills, outages and a moved clock, breaks no promise", {
  timeout: 900_000,
}, async () => {
  const { postgresUrl } = inject("servers");
  const report = await soak({ postgresUrl, seconds, seed: "a minute" });
  console.log(formatReport(report));
  expect(report.violations).toEqual([]);
  // Something happened: a run in which nobody got in would break nothing either.
  expect(report.sessions).toBeGreaterThan(8);
  expect(report.tokens.handedOut).toBeGreaterThan(0);
  expect(report.refreshes.renewed).toBeGreaterThan(0);
  expect(Object.keys(report.faults).length).toBeGreaterThan(1);
});
