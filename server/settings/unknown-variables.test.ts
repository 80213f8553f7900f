import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EnvError, parseEnv } from "./env";
import { providerSuffixes } from "./unknown-variables";

const good = {
  AUTH_URL: "http://localhost:3000",
  AUTH_SECRET: "Zm9yIHRlc3RzIGFsb25lLCBhbmQgbG9uZyBlbm91Z2g",
  VAULT_KEYS: "k1:TWFkZSBmb3IgdGVzdHMgYWxvbmUsIDMyIGJ5dGVzLi4=",
  DATABASE_URL: "postgresql://u:p@127.0.0.1:1/x",
  AUTH_GOOGLE_ID: "daemun",
  AUTH_GOOGLE_SECRET: "s3cret",
};

function faultsOf(more: Record<string, string | undefined>): readonly string[] {
  try {
    parseEnv({ ...good, ...more });
    return [];
  } catch (error) {
    if (error instanceof EnvError) return error.faults;
    throw error;
  }
}

describe("FF-66: a variable that nobody reads", () => {
  it.each([
    ["AUTH_GOOGLE_CLIENT_ID", "AUTH_GOOGLE_ID"],
    ["AUTH_GOOGLE_CLIENT_SECRET", "AUTH_GOOGLE_SECRET"],
    ["AUTH_GOOGLE_SECRT", "AUTH_GOOGLE_SECRET"],
    ["AUTH_GOGLE_SECRET", "AUTH_GOOGLE_SECRET"],
    ["DATABSE_URL", "DATABASE_URL"],
    ["VAULT_KEY", "VAULT_KEYS"],
  ])("FF-66: %s in place of %s stops the start, and names it", (name, meant) => {
    const value = (good as Record<string, string>)[meant];
    expect(faultsOf({ [meant]: undefined, [name]: value })).toContain(
      `${name} is no variable of this app. Did you mean ${meant}?`,
    );
  });

  it.each([
    ["AUTH_GOOGLE_SCOPES", "AUTH_GOOGLE_SCOPE"],
    ["AUTH_GITHUB_CLIENT_ID", "AUTH_GITHUB_ID"],
    ["SESSION_IDLE_SECOND", "SESSION_IDLE_SECONDS"],
    ["SERVICE_NOTES_CLIENT_ID", "SERVICE_NOTES_ID"],
    ["TRUSTED_PROXY_HOP", "TRUSTED_PROXY_HOPS"],
    ["DAEMUN_DEM", "DAEMUN_DEMO"],
  ])("FF-66: %s stops the start, because %s is not in force", (name, meant) => {
    expect(faultsOf({ [name]: "1" })).toEqual([`${name} is no variable of this app. Did you mean ${meant}?`]);
  });

  it("FF-66: AUTH_TENANT_ID is no provider, and is named as what it is", () => {
    expect(faultsOf({ AUTH_TENANT_ID: "8f1c" })).toEqual([
      "AUTH_TENANT_ID is no variable of this app. A provider of that name would need AUTH_TENANT_ISSUER or AUTH_TENANT_TYPE too.",
    ]);
  });

  it("FF-66: a client id of a misspelt preset is told which one was meant", () => {
    expect(faultsOf({ AUTH_GITHBU_ID: "x" })).toEqual([
      "AUTH_GITHBU_ID is no variable of this app. Did you mean AUTH_GITHUB_ID?",
    ]);
    expect(faultsOf({ AUTH_LATER_NAME: "x" })).toEqual([]);
  });

  it("FF-66: beside the one that was meant, and without one, it is told and stops nothing", () => {
    const { unknownVariables } = parseEnv({ ...good, AUTH_GOOGLE_CLIENT_ID: "x", AUTH_TRUST_HOST: "true" });
    expect(unknownVariables).toEqual([
      { name: "AUTH_GOOGLE_CLIENT_ID", meant: "AUTH_GOOGLE_ID", stops: false },
      { name: "AUTH_TRUST_HOST", meant: null, stops: false },
    ]);
  });

  it.each([
    [{ REDIRECT_URL: "x", PORTS: "1", SPORT: "x", PORT1: "1", NODE_ENVS: "x" }, []],
    [{ CRON_SECRET_2: "x", SERVICE_NOTE_URL: "x", OAUTH_URL: "x" }, ["CRON_SECRET_2", "SERVICE_NOTE_URL", "OAUTH_URL"]],
    [
      { AUTH_PROVIDERS: "google", AUTH_OKTA_CLIENT_ID: "x", AUTH_X_CLIENT_ID: "x" },
      ["AUTH_OKTA_CLIENT_ID", "AUTH_X_CLIENT_ID"],
    ],
    [{ AUTH_OKTA_CLIENT_SECRET: "x" }, ["AUTH_OKTA_CLIENT_SECRET"]],
  ])("FF-66: %o of other tools stop no deployment, and only what looks like ours is told", (others, told) => {
    const { unknownVariables } = parseEnv({ ...good, AUTH_URL: undefined, ...others });
    expect(unknownVariables.map(({ name }) => name).sort()).toEqual([...told].sort());
    expect(unknownVariables.some(({ stops }) => stops)).toBe(false);
  });

  it("FF-66: is none where it is another's, or a provider's that is switched off", () => {
    const others = { SESSION_MANAGER: "x", PATH: "/bin", API_URL: "x", DATABASE_URI: "x", SERVICE_NAME: "x" };
    const off = {
      AUTH_PROVIDERS: "google",
      AUTH_ACME_ID: "x",
      AUTH_ACME_ISSUER: "https://a.test",
      AUTH_ACME_NAME: "A",
    };
    const kept = { AUTH_SECRET_1: `${good.AUTH_SECRET}1`, AUTH_GOOGLE_PRIVATE_KEY_1: "x" };
    const { unknownVariables } = parseEnv({ ...good, ...others, ...off, AUTH_SECRET_1: kept.AUTH_SECRET_1 });
    expect(unknownVariables.filter(({ name }) => name !== "DATABASE_URI")).toEqual([]);
    expect(unknownVariables.some(({ stops }) => stops)).toBe(false);
  });
});

it("what may come after AUTH_<ID>_ is what is read", () => {
  const text = readFileSync(join(import.meta.dirname, "read-providers.ts"), "utf8");
  const read = [...text.matchAll(/\b(?:read|flag)\("([A-Z_]+)"\)/g)].map(([, suffix = ""]) => suffix);
  expect([...providerSuffixes].sort()).toEqual([...new Set(read)].sort());
});
