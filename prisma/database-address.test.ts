import pg from "pg";
import { expect, inject, it } from "vitest";
import { createDatabaseClient } from "../server/db/client";
import { parseEnv } from "../server/settings/env";
import { readDatabaseAddress } from "./database-address";
import { migrate } from "./migrate";

const passwordOf = (connectionString: string) => new pg.Client({ connectionString }).password;

it.each(["p%w", "p%^w", "100%", "%41b", "a%b@c", "%ff%", "p w", "ü%2Fß", "a:b", "a+b&c=d", "$HOME"])(
  "FF-67: an address is read as it was meant whose password is written %s",
  (written) => {
    const { connectionString } = readDatabaseAddress(`postgresql://me:${written}@db.example:6432/app`);
    const meant: Record<string, string> = { "%41b": "Ab", "ü%2Fß": "ü/ß" };
    expect(passwordOf(connectionString)).toBe(meant[written] ?? written);
    // And again, by whoever is given it.
    expect(readDatabaseAddress(connectionString).connectionString).toBe(connectionString);
  },
);

it("FF-67: a role whose password has a bare % migrates its database, and the app signs in with it", async () => {
  const { postgresUrl } = inject("servers");
  const name = `percent_${process.pid}`;
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '50%^off%4'`);
    await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
    const { host } = new URL(postgresUrl);
    const address = `postgresql://${name}:50%^off%4@${host}/${name}`;
    expect(await migrate(address)).not.toEqual([]);
    const db = createDatabaseClient(address);
    expect(await db.user.count()).toBe(0);
    await db.$disconnect();
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`DROP ROLE IF EXISTS ${name}`);
    await admin.end();
  }
});

it("is refused by the variable's name, never by its value, where it is none", () => {
  const reasonOf = (text: string | undefined) => {
    try {
      return readDatabaseAddress(text, "DIRECT_URL").connectionString;
    } catch (error) {
      return String(error);
    }
  };
  for (const text of [undefined, "", "canary", "mysql://u:canary@h/x", "postgres://u:can/ary@h/x"]) {
    expect(reasonOf(text)).toContain("DIRECT_URL");
    expect(reasonOf(text)).not.toContain("canary");
  }
  expect(reasonOf("postgresql://user:password@host:5432/name")).toContain("looks like an example");
});

it("has the server's certificate verified under each of the names that libraries take for that", () => {
  const modeIn = (query: string) =>
    new URL(readDatabaseAddress(`postgres://u:p@h/x?${query}`).connectionString).searchParams.get("sslmode");
  for (const mode of ["prefer", "require", "verify-ca", "verify-full"])
    expect(modeIn(`sslmode=${mode}`)).toBe("verify-full");
  expect(modeIn("sslmode=no-verify")).toBe("no-verify");
  expect(modeIn("sslmode=require&uselibpqcompat=true")).toBe("require");
  expect(modeIn("x=y")).toBeNull();
});

it("says how many connections an instance may have, unless DATABASE_POOL_MAX does", () => {
  const url = "postgresql://u:p@127.0.0.1:1/x";
  const read = (query: string, max?: string) => {
    try {
      return parseEnv({ DATABASE_URL: url + query, DATABASE_POOL_MAX: max }).databasePoolMax;
    } catch (error) {
      return String(error);
    }
  };
  const faults = (query: string, max?: string) =>
    /.*(?:connection_limit|POOL_MAX).*/.exec(String(read(query, max)))?.[0];
  for (const limit of ["x", "-1", "201", "1.5"])
    expect(faults(`?connection_limit=${limit}`)).toContain("DATABASE_POOL_MAX");
  expect(faults("", "1")).toContain("DATABASE_POOL_MAX");
  for (const [query, max] of [
    ["?connection_limit=5"],
    ["?connection_limit=1", "4"],
    ["?connection_limit=1"],
    [""],
  ] as const)
    expect(faults(query, max)).toBeUndefined();
});

it.each([
  ["?connection_limit=1", undefined, 2, true],
  ["?connection_limit=0", undefined, 2, true],
  ["?connection_limit=2", undefined, 2, false],
  ["?connection_limit=1", "4", 4, false],
  ["", undefined, 10, false],
] as const)(
  "%s, as Prisma writes it for functions, stops no start: with DATABASE_POOL_MAX=%s it is %i",
  (query, max, most, raised) => {
    const { databasePoolMax, databasePoolRaised } = parseEnv({
      AUTH_URL: "http://localhost:3000",
      AUTH_SECRET: "Zm9yIHRlc3RzIGFsb25lLCBhbmQgbG9uZyBlbm91Z2g",
      VAULT_KEYS: "k1:TWFkZSBmb3IgdGVzdHMgYWxvbmUsIDMyIGJ5dGVzLi4=",
      AUTH_GOOGLE_ID: "daemun",
      AUTH_GOOGLE_SECRET: "s3cret",
      DATABASE_URL: `postgresql://u:p@127.0.0.1:1/x${query}`,
      DATABASE_POOL_MAX: max,
    });
    expect([databasePoolMax, databasePoolRaised]).toEqual([most, raised]);
  },
);
