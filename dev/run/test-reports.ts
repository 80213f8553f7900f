/** How many tests ended how, and which of them failed. */
export interface Tally {
  passed: number;
  failed: number;
  /** A failed test each: its file, its name, and the first line of what was wrong. */
  failures: string[];
}

export const oneFailure: Tally = { passed: 0, failed: 1, failures: [] };

interface VitestFile {
  name: string;
  status: string;
  message?: string;
  assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
}

/** Counts Vitest's JSON report. A file that could not be loaded has no failed test in it, and counts as one. */
export function readVitestReport(json: string): Tally {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(json) as {
    numPassedTests: number;
    numFailedTests: number;
    testResults: VitestFile[];
  };
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && failed.length === 0) return [line(name, "could not be run", message)];
    return failed.map(({ fullName, failureMessages }) => line(name, fullName, failureMessages?.[0]));
  });
  return { passed: numPassedTests, failed: Math.max(failures.length, numFailedTests), failures };
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs?: { file: string; title: string; tests: { status: string; results: { error?: { message?: string } }[] }[] }[];
}

/** Counts Playwright's JSON report. One that passed only at a second try did not pass; errors outside of tests count. */
export function readPlaywrightReport(json: string): Tally {
  const { stats, errors, suites } = JSON.parse(json) as {
    stats: { expected: number; unexpected: number; flaky: number };
    errors: { message?: string }[];
    suites?: PlaywrightSuite[];
  };
  const failures = [...(suites ?? []).flatMap(failedSpecs), ...errors.map(({ message }) => line("", "", message))];
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, failures };
}

function failedSpecs({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const own = specs.flatMap(({ file, title, tests }) =>
    tests
      .filter(({ status }) => status === "unexpected" || status === "flaky")
      .map(({ results }) => line(file, title, results.find(({ error }) => error)?.error?.message)),
  );
  return [...own, ...suites.flatMap(failedSpecs)];
}

function line(file: string, name: string, message = ""): string {
  const cause = message.split("\n").find((text) => text.trim() !== "");
  return [file.replace(`${process.cwd()}/`, ""), name, cause].filter(Boolean).join(" > ").slice(0, 400);
}
