import { describe, expect, it } from "vitest";
import { EnvError, parseEnv } from "./env";

const good = {
  NODE_ENV: "production",
  AUTH_URL: "https://app.daemun.dev",
  AUTH_SECRET: "Zm9yIHRlc3RzIGFsb25lLCBhbmQgbG9uZyBlbm91Z2g",
  VAULT_KEYS: "k1:TWFkZSBmb3IgdGVzdHMgYWxvbmUsIDMyIGJ5dGVzLi4=",
  DATABASE_URL: "postgresql://u:p@127.0.0.1:1/x",
  AUTH_GOOGLE_ID: "daemun",
  AUTH_GOOGLE_SECRET: "s3cret",
  AUTH_SECRET_ALIASES: "YW5vdGhlciBvbmUgZm9yIHRlc3RzLCBhcyBsb25nIQ",
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

describe("FF-69: AUTH_URL_ALIASES", () => {
  it.each([
    "https://daemun-git-*-team.vercel.app",
    "https://second.daemun.dev, https://daemun-*-team.vercel.app",
    "https://pr-*.preview.daemun.dev:8443",
    "https://pr-*.daemun.dev",
    "",
  ])("FF-69: %s starts", (text) => {
    expect(faultsOf({ AUTH_URL_ALIASES: text })).toEqual([]);
  });

  it.each([
    ["http://second.daemun.dev", /must use https/],
    ["http://localhost:3001", /scheme of AUTH_URL/],
    ["https://second.daemun.dev/path", /must be an origin/],
    ["https://u:p@second.daemun.dev", /must be an origin/],
    ["second.daemun.dev", /must be an origin/],
    ["https://app.daemun.dev", /is AUTH_URL itself/],
    ["https://*.preview.daemun.dev", /text beside the \*/],
    ["https://pr-*-*.daemun.dev", /one \* in the first label/],
    ["https://pr.*.daemun.dev", /one \* in the first label/],
    ["https://pr-*", /anybody can register/],
    ["https://pr-*.dev", /anybody can register/],
    ["https://pr-*.co.uk", /anybody can register/],
    ["https://daemun-*.vercel.app", /what is yours alone/],
    ["https://daemun-git-*.vercel.app", /what is yours alone/],
    ["https://*-team.eu.fly.dev, https://a-*.fly.dev", /entry 2, .*what is yours alone/],
    ["https://daemun-git-*-your-team.vercel.app", /looks like an example/],
  ])("FF-69: %s does not, and says why without the value", (text, reason) => {
    const faults = faultsOf({ AUTH_URL_ALIASES: text });
    expect(faults).toEqual([expect.stringMatching(reason)]);
    expect(faults[0]).toMatch(/^AUTH_URL_ALIASES, entry \d/);
    expect(faults[0]).not.toContain("daemun");
  });

  it("FF-69: needs a secret of its own, which is none of the sessions'", () => {
    const set = (secret: string | undefined) =>
      faultsOf({ AUTH_URL_ALIASES: "https://second.daemun.dev", AUTH_SECRET_ALIASES: secret });
    expect(set(undefined)).toEqual([expect.stringMatching(/^AUTH_SECRET_ALIASES is missing/)]);
    expect(set("short")).toEqual([expect.stringMatching(/too short/)]);
    expect(set("change-me-change-me-change-me-change-me")).toEqual([expect.stringMatching(/example/)]);
    expect(set(good.AUTH_SECRET)).toEqual([expect.stringMatching(/must not be an AUTH_SECRET/)]);
    expect(faultsOf({ AUTH_SECRET_ALIASES: undefined })).toEqual([]);
  });

  it("FF-69: is judged beside an AUTH_URL that is none", () => {
    const faults = faultsOf({ AUTH_URL: "mailto:nobody", AUTH_URL_ALIASES: "https://second.daemun.dev" });
    expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(/^AUTH_URL must be an origin/)]));
  });

  it("FF-66: a misspelt one is named", () => {
    expect(faultsOf({ AUTH_URL_ALIAS: "https://second.daemun.dev" })).toEqual([]);
    const { unknownVariables } = parseEnv({ ...good, AUTH_URL_ALIAS: "https://second.daemun.dev" });
    expect(unknownVariables).toMatchObject([{ name: "AUTH_URL_ALIAS", meant: "AUTH_URL_ALIASES" }]);
  });

  it("FF-69: on loopback an alias by http is taken, as AUTH_URL is", () => {
    const demo = { AUTH_URL: "http://localhost:3000", DAEMUN_DEMO: "1" };
    expect(faultsOf({ ...demo, AUTH_URL_ALIASES: "http://127.0.0.1:3001" })).toEqual([]);
    expect(faultsOf({ ...demo, AUTH_URL_ALIASES: "https://second.daemun.dev" })).toEqual([
      expect.stringMatching(/scheme of AUTH_URL/),
    ]);
  });
});
