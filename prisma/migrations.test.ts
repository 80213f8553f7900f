import { describe, expect, it } from "vitest";
import { goldenVersions, migrationsOf, migrationText, presentMigrations } from "../e2e/golden/golden";

const added = [
  /^CREATE (?:UNLOGGED )?TABLE /,
  /^CREATE TYPE /,
  /^CREATE INDEX /,
  // Nobody who does not know a column fills it.
  /^ALTER TABLE "\w+" (?:,? ?ADD COLUMN "\w+" (?![^,]*NOT NULL(?![^,]*DEFAULT))[^,]+(?:,|$))+$/,
];

/** The statements of a migration that do more than to add something that an older version leaves alone. */
function changesBeyond(sql: string): string[] {
  const bodies: string[] = [];
  const plain = sql.replace(/\$(\w*)\$[\s\S]*?\$\1\$/g, (body) => `$${bodies.push(body)}`).replace(/--.*$/gm, "");
  const newTables = [...plain.matchAll(/CREATE (?:UNLOGGED )?TABLE "(\w+)"/g)].map(([, name]) => name);
  return plain
    .split(";")
    .map((statement) => statement.replace(/\s+/g, " ").trim())
    .filter((statement) => statement !== "" && !added.some((pattern) => pattern.test(statement)))
    .filter((statement) => !newTables.some((name) => new RegExp(`(?:ALTER TABLE|ON) "${name}"`).test(statement)));
}

it.each([
  ['CREATE TABLE "A" ("id" INT NOT NULL); CREATE UNIQUE INDEX "A_i" ON "A"("id")', 0],
  ['ALTER TABLE "A" ADD COLUMN "b" TEXT, ADD COLUMN "c" INT NOT NULL DEFAULT 0', 0],
  ['ALTER TABLE "A" ADD COLUMN "b" TEXT NOT NULL', 1],
  ['ALTER TABLE "A" ADD COLUMN "b" TEXT, DROP COLUMN "c"', 1],
  ['ALTER TABLE "A" RENAME COLUMN "b" TO "c"', 1],
  ['CREATE UNIQUE INDEX "A_i" ON "A"("id")', 1],
  ['DROP TABLE "A"', 1],
  ["DO $$ BEGIN EXECUTE 'DROP TABLE a; '; END $$", 1],
])("%s does %i things that an older version could stumble over", (sql, count) => {
  expect(changesBeyond(sql)).toHaveLength(count);
});

describe.each(goldenVersions())("migrations since version %s", (version) => {
  const present = presentMigrations();
  const then = migrationsOf(version);

  it("CC-08: leave those of that version as they were", () => {
    for (const [name, checksum] of Object.entries(then)) expect([name, present[name]]).toEqual([name, checksum]);
  });

  it("CC-08: come after them", () => {
    const last = Object.keys(then).sort().at(-1) ?? "";
    for (const name of Object.keys(present).filter((name) => !(name in then))) expect(name > last, name).toBe(true);
  });
});

// What more they do stands at their head, with the reason why instances of the version before are not harmed.
it.each(Object.keys(presentMigrations()).filter((name) => name >= "20261128"))(
  "CC-08: migration %s only adds, or says why instances of before live with it",
  (name) => {
    const sql = migrationText(name);
    if (changesBeyond(sql).length > 0) expect(sql).toMatch(/^-- Older instances: \S.{20,}/m);
  },
);
