import { describe, expect, it } from "vitest";
import type { Service } from "@/edge/config";
import { plainHttpServices, readServices } from "./services";

const open: Service = { name: "Open", authentication: { kind: "none" } };
const discovered: Service = { name: "Notes", authentication: { kind: "client", scopes: ["notes:read"] } };
const classic: Service = {
  name: "Classic",
  authentication: {
    kind: "client",
    scopes: ["repo"],
    authorizationEndpoint: "https://classic.example/authorize?tenant=1",
    tokenEndpoint: "https://classic.example/token",
  },
};

function read(services: Record<string, Service>, source: Record<string, string>, allowHttpLoopback = false) {
  const faults: string[] = [];
  return { services: readServices(source, { allowHttpLoopback }, faults, services), faults };
}

const client = { SERVICE_MY_NOTES_ID: "daemun", SERVICE_MY_NOTES_SECRET: "a secret" };
const url = { SERVICE_MY_NOTES_URL: "https://notes.example" };
const issuer = { SERVICE_MY_NOTES_ISSUER: "https://id.notes.example" };

describe("the services of the environment", () => {
  it("are not there until something is said of them, and keep nobody from deploying", () => {
    expect(read({ open, "my-notes": discovered, classic }, {})).toEqual({ services: [], faults: [] });
    const based = { ...discovered, baseUrl: "https://notes.example" };
    expect(read({ "my-notes": based }, {})).toEqual({ services: [], faults: [] });
  });

  it("are where the environment says, before the configuration, without a slash at the end", () => {
    const based = { ...open, baseUrl: "https://configured.example/v1/" };
    expect(read({ open: based }, {}).services).toMatchObject([
      { id: "open", baseUrl: "https://configured.example/v1" },
    ]);
    expect(read({ open: based }, { SERVICE_OPEN_URL: "https://said.example/" }).services).toMatchObject([
      { baseUrl: "https://said.example", client: null },
    ]);
  });

  it("have their client by the id in capitals, with _ for -", () => {
    const { services, faults } = read({ "my-notes": discovered }, { ...url, ...client, ...issuer });
    expect(faults).toEqual([]);
    expect(services).toMatchObject([
      { id: "my-notes", client: { clientId: "daemun", clientSecret: "a secret", issuer: "https://id.notes.example" } },
    ]);
  });

  it("need no issuer where the configuration names the endpoints", () => {
    const source = { SERVICE_CLASSIC_URL: "https://api.classic.example" };
    const credentials = { SERVICE_CLASSIC_ID: "daemun", SERVICE_CLASSIC_SECRET: "a secret" };
    const { services, faults } = read({ classic }, { ...source, ...credentials });
    expect([faults, services]).toEqual([[], [expect.objectContaining({ id: "classic" })]]);
    expect(services[0]?.client?.issuer).toBeNull();
  });

  it.each([
    ["no address", { ...client, ...issuer }, ["URL"]],
    ["no client", { ...url, ...issuer }, ["ID", "SECRET"]],
    ["no secret", { ...url, ...issuer, SERVICE_MY_NOTES_ID: "daemun" }, ["SECRET"]],
    ["nobody to ask", { ...url, ...client }, ["ISSUER"]],
    ["an issuer alone", issuer, ["ID", "SECRET"]],
    ["an address alone", url, ["ID", "SECRET", "ISSUER"]],
    ["an issuer by http", { ...url, ...client, SERVICE_MY_NOTES_ISSUER: "http://id.notes.example" }, ["ISSUER"]],
    ["an issuer that is none", { ...url, ...client, SERVICE_MY_NOTES_ISSUER: "canary" }, ["ISSUER"]],
    [
      "an address with a password",
      { ...client, ...issuer, SERVICE_MY_NOTES_URL: "https://a:canary@b.example" },
      ["URL"],
    ],
    ["an address with a query", { ...client, ...issuer, SERVICE_MY_NOTES_URL: "https://b.example?canary" }, ["URL"]],
  ])("that are set up by half stop the start: %s", (_, source, missing) => {
    const { faults } = read({ "my-notes": discovered }, source);
    expect(faults.map((fault) => /^SERVICE_MY_NOTES_([A-Z]+) /.exec(fault)?.[1])).toEqual(missing);
    expect(faults.join()).not.toContain("canary");
  });

  it("whose endpoints would be asked by http stop the start, once they are set up", () => {
    const { authentication } = classic;
    const plain = { ...classic, authentication: { ...authentication, tokenEndpoint: "http://classic.example/token" } };
    expect(read({ classic: plain as Service }, {}).faults).toEqual([]);
    const source = {
      SERVICE_CLASSIC_URL: "https://api.classic.example",
      SERVICE_CLASSIC_ID: "daemun",
      SERVICE_CLASSIC_SECRET: "a secret",
    };
    expect(read({ classic: plain as Service }, source).faults).toEqual([
      expect.stringMatching(/^daemun\.config\.ts: .*tokenEndpoint.*https/),
    ]);
  });

  it("may be by http on loopback where that is allowed, and nowhere else", () => {
    const local = { SERVICE_OPEN_URL: "http://localhost:4033" };
    expect(read({ open }, local, true)).toMatchObject({ faults: [], services: [{ baseUrl: "http://localhost:4033" }] });
    expect(read({ open }, local).faults).toHaveLength(1);
    expect(read({ open }, { SERVICE_OPEN_URL: "http://open.example" }, true).faults).toHaveLength(1);
  });

  it("FF-08: a service may be on http where the configuration says so, and is named for it", () => {
    const url = { SERVICE_OPEN_URL: "http://orders.internal:8080" };
    expect(read({ open }, url).faults).toEqual([expect.stringContaining("allowHttp: true")]);
    const { services, faults } = read(
      { open: { ...open, allowHttp: true }, other: open },
      {
        ...url,
        SERVICE_OTHER_URL: "https://other.example",
      },
    );
    expect(faults).toEqual([]);
    expect(services.map(({ baseUrl }) => baseUrl)).toEqual(["http://orders.internal:8080", "https://other.example"]);
    expect(plainHttpServices(services).map(({ id }) => id)).toEqual(["open"]);
    for (const bad of ["http://user:pass@orders.internal", "http://orders.internal/?x=1", "ftp://orders.internal"])
      expect(read({ open: { ...open, allowHttp: true } }, { SERVICE_OPEN_URL: bad }).faults).toHaveLength(1);
  });
});
