import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sealedPlaces } from "./sealed-places";

it("every sealed column of the schema is one of the places that rotation and the doctor look at", () => {
  const schema = readFileSync(join(import.meta.dirname, "../../prisma/schema.prisma"), "utf8");
  const columns = [...schema.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)].flatMap(([, table, body = ""]) =>
    [...body.matchAll(/^\s+(sealed[A-Z]\w*) +String/gm)].map(([, column]) => `${table}.${column}`),
  );
  expect(columns.length).toBeGreaterThan(3);
  expect(sealedPlaces.map(({ table, stored }) => `${table}.${stored}`).sort()).toEqual(columns.sort());
});
