/** How many tests ended how. */
export interface Tally {
  passed: number;
  failed: number;
}

/** Counts Vitest's JSON report. A file that could not be loaded has no failed test in it, and counts as one. */
export function readVitestReport(json: string): Tally {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(json) as {
    numPassedTests: number;
    numFailedTests: number;
    testResults: { status: string; assertionResults: { status: string }[] }[];
  };
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}

/** Counts Playwright's JSON report. One that passed only at a second try did not pass; errors outside of tests count. */
export function readPlaywrightReport(json: string): Tally {
  const { stats, errors } = JSON.parse(json) as {
    stats: { expected: number; unexpected: number; flaky: number };
    errors: unknown[];
  };
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length };
}
