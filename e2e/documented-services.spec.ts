import { documentedTests } from "./support/extension/write-documented";

// The test of docs/testing.md that brings services of its own: they are the whole file's.

for (const file of documentedTests("docs/testing.md").write(/\/stand-in\.spec\.ts$/)) await import(file);
