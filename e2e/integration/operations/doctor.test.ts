import { afterAll, beforeAll, expect, it } from "vitest";
import { askDoctor } from "../../support/doctor";
import { openTestApp, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app?.close());

it("good", async () => {
  const { report, output, exitCode } = await askDoctor(app.environment);
  console.log(
    exitCode,
    report.findings.map((f) => `${f.verdict} ${f.code} ${f.about} ${f.said} ${f.cure ?? ""}`).join("\n"),
  );
  console.log(output.length);
});
