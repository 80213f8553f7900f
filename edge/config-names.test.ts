import { describe, expectTypeOf, it } from "vitest";
import type { Requirement, SessionRequirement, TokenRequest } from "@/auth";
import daemun from "@/daemun.config";
import { defineConfig, type ProviderIdOf, type ResourceOf, type RoleOf, type ServiceIdOf } from "./config";

// What does not compile here is found by `npm run check`: an error that is expected and does not come is one.

const { session } = daemun;

const naming = defineConfig({
  session,
  roles: ["auditor"],
  gates: [
    { path: "/", access: "public" },
    { path: "/reports/*", access: "session", roles: ["analyst", "admin"] },
  ],
  admin: { roles: ["operator"] },
  providers: { company: { signIn: { roles: ["staff"] } }, google: {} },
  resources: [{ indicator: "https://reports.example/api", scopes: [] }],
  services: {
    reports: {
      name: "Reports",
      authentication: { kind: "none" },
      routes: [{ methods: ["GET"], path: "/figures", roles: ["reader"] }],
    },
    plain: { name: "Plain", authentication: { kind: "none" } },
  },
});

const silent = defineConfig({ session, gates: [{ path: "/", access: "public" }] });
const empty = defineConfig({ session, gates: [], roles: [], providers: {}, resources: [], services: {} });

describe("the names of a configuration", () => {
  it("are types: those that it says, wherever it says them", () => {
    expectTypeOf<RoleOf<typeof naming>>().toEqualTypeOf<
      "auditor" | "analyst" | "admin" | "operator" | "staff" | "reader"
    >();
    expectTypeOf<ProviderIdOf<typeof naming>>().toEqualTypeOf<"company" | "google">();
    expectTypeOf<ResourceOf<typeof naming>>().toEqualTypeOf<"https://reports.example/api">();
    expectTypeOf<ServiceIdOf<typeof naming>>().toEqualTypeOf<"reports" | "plain">();
  });

  it("are any text where it says none", () => {
    for (const config of [silent, empty]) {
      type Config = typeof config;
      expectTypeOf<RoleOf<Config>>().toEqualTypeOf<string>();
      expectTypeOf<ProviderIdOf<Config>>().toEqualTypeOf<string>();
      expectTypeOf<ResourceOf<Config>>().toEqualTypeOf<string>();
      expectTypeOf<ServiceIdOf<Config>>().toEqualTypeOf<string>();
    }
  });

  it("hold what an app asks for: a role or a resource that its configuration does not name does not compile", () => {
    const named: Requirement<RoleOf<typeof naming>> = {
      roles: ["admin"],
      organization: { id: "org", roles: ["whatever it is there"] },
    };
    // @ts-expect-error: a letter is missing.
    const misspelt: Requirement<RoleOf<typeof naming>> = { roles: ["admn"] };
    const resource: TokenRequest<ResourceOf<typeof silent>> = { resource: "https://anything.example/api" };
    // @ts-expect-error: a letter is missing.
    const other: TokenRequest<ResourceOf<typeof naming>> = { resource: "https://report.example/api" };
    expectTypeOf([named, misspelt, resource, other]).toBeArray();
    // What pages call is bound to the app's own.
    expectTypeOf<SessionRequirement>().toExtend<Requirement<RoleOf<typeof daemun>>>();
    expectTypeOf<TokenRequest>().toEqualTypeOf<TokenRequest<ResourceOf<typeof daemun>>>();
  });
});
