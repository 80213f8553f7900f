import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { serviceFaultSchema } from "../resource-servers/control/faults";
import { type ControlClient, createControlClient } from "./control-client";
import { faultSchema } from "./faults";
import { type IdentityProviders, startIdentityProviders } from "./start";
import { standingUsers } from "./users";

// What the tables of docs/testing.md say of the provider and the services, tried.

const guide = readFileSync(join(import.meta.dirname, "../../docs/testing.md"), "utf8");
const rows = [...guide.matchAll(/^\| `(.+?)`(?:, `.+?`)* \|(?: `([A-Z]+(?: \S+)?)` \|)?/gm)];
const calls = rows.flatMap(([, code = "", request]) => (code.startsWith("control.") ? [[code, request]] : []));
const faultsBelow = (heading: string) =>
  [...(guide.split(`| ${heading} |`)[1]?.split("\n\n")[0] ?? "").matchAll(/`(\{ kind: .+? \})`/g)].map(
    ([, code]) => code,
  );
const evaluate = (code = "", control?: ControlClient) => new Function("control", `return (${code});`)(control);

let providers: IdentityProviders;
let control: ControlClient;
beforeAll(async () => {
  const client = {
    clientId: "daemun",
    clientSecret: "a-secret-of-enough-length",
    redirectUris: ["http://localhost:1/"],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: "http://localhost:1/logout",
  };
  providers = await startIdentityProviders({
    issuers: [{ id: "company", port: 0, clients: [client] }],
    controlPort: 0,
  });
  control = createControlClient(providers.control);
});
afterAll(() => providers.stop());

it("each call that the guide names asks for what stands beside it, one after the other", async () => {
  const asked = vi.spyOn(globalThis, "fetch");
  for (const [code, request] of calls) {
    asked.mockClear();
    await evaluate(code, control);
    const [url, init] = asked.mock.calls[0] ?? [];
    const path = new URL(String(url)).pathname.replace("/issuers/company", "");
    expect(`${init?.method} ${path}`.trim(), code).toBe(request);
  }
  asked.mockRestore();
});

it("names every call of the control client", () => {
  const named = calls.map(([code]) => /^control\.(\w+)/.exec(code ?? "")?.[1]);
  expect([...new Set(named)].sort()).toEqual(Object.keys(control).sort());
});

it.each([
  ["fault", faultSchema],
  ["fault of a service", serviceFaultSchema],
] as const)("each %s that the guide names is one, and it names them all", (heading, schema) => {
  const faults = faultsBelow(heading).map((code) => schema.parse(evaluate(code)));
  const known = schema.options.map(({ shape }) => shape.kind.value);
  expect(faults.map(({ kind }) => kind).sort()).toEqual(known.sort());
});

it("introduces every demo user", () => {
  for (const issuer of ["company", "partner"]) {
    const introduced = [...guide.matchAll(new RegExp(`^\\| ${issuer} \\| \`(\\S+)\` \\| (\\S+) \\|`, "gm"))];
    expect(introduced.map(([, sub, login]) => ({ sub, login }))).toEqual(
      standingUsers(issuer).map(({ sub, login }) => ({ sub, login })),
    );
  }
});
