import { describe, expect, it } from "vitest";
import { findViolations, loadedWith, reach, readSources, type SourceFile } from "./import-graph";

const sources = readSources();

it("imports point one way, and every file keeps to its runtime", () => {
  expect(findViolations(sources)).toEqual([]);
});

it("the middleware reaches only edge/ and the configuration", () => {
  const reached = reach("middleware.ts", sources);
  expect(reached).toContain("daemun.config.ts");
  expect(reached.filter((path) => !/^(?:edge\/|(?:middleware|daemun\.config)\.ts$)/.test(path))).toEqual([]);
});

it.each([
  "server/sessions/guards/current-session.ts",
  "server/sessions/guards/require-session.ts",
  "server/sessions/guards/auth.ts",
  "app/(public)/page.tsx",
  "app/layout.tsx",
])("a page that asks for no token loads no vault: %s", (start) => {
  const loaded = loadedWith(start, sources);
  expect(loaded).toContain("server/sessions/registry/session-state.ts");
  expect(loaded.filter((path) => path.startsWith("server/tokens/"))).toEqual([]);
  // It would say the same of anything, were it blind: a route that hands tokens out loads it.
  expect(loadedWith("app/api/tokens/[resource]/route.ts", sources)).toContain("server/tokens/postgres-store.ts");
});

describe("a rule that is broken is named", () => {
  const file = (path: string, imports: string[], text = ""): SourceFile => ({
    path,
    imports,
    text: path.startsWith("server/") ? `import "server-only";\n${text}` : text,
  });

  it.each([
    ["ui reaches the server", file("ui/button.tsx", ["server/settings/env.ts"])],
    ["the edge reaches the server", file("edge/gate.ts", ["server/settings/env.ts"])],
    ["sessions reach upwards", file("server/sessions/a.ts", ["server/auth/a.ts"])],
    ["the protocol reaches the database", file("server/oidc/a.ts", ["server/db/client.ts"])],
    ["http reaches audit", file("server/http/a.ts", ["server/audit/a.ts"])],
    ["the app reaches the database's schema", file("app/page.tsx", ["prisma/generated/client.ts"])],
    ["the app reaches a tool", file("app/page.tsx", ["dev/run/app.ts"])],
    ["the environment is read elsewhere", file("server/oidc/a.ts", [], "process.env.AUTH_URL")],
    ["the environment is read in ui", file("ui/a.tsx", [], "process.env")],
    ["an action lives elsewhere", file("app/form.tsx", [], "async function save() {\n  'use server';\n}")],
    ["the sample reaches the server", file("app/(sample)/services/page.tsx", ["server/services/registry.ts"])],
    ["a page of an app's own reaches into ours", file("app/reports/page.tsx", ["app/(account)/_components/a.tsx"])],
    ["a page of an app's own reaches the edge", file("app/reports/page.tsx", ["edge/gate.ts"])],
    ["the server imports what is for pages", file("server/services/a.ts", ["auth.ts"])],
    ["a module re-exports", file("server/oidc/a.ts", [], 'export { a, type B } from "./b";')],
    ["auth.ts is open to the browser", { path: "auth.ts", imports: [], text: "" }],
    ["server-only is missing", { path: "server/oidc/a.ts", imports: [], text: "" }],
  ])("%s", (_, broken) => {
    expect(findViolations([broken])).toHaveLength(1);
  });

  it("a page of an app's own that reaches the server is told what to import instead", () => {
    for (const path of ["app/reports/page.tsx", "app/api/reports/route.ts", "app/(shop)/cart/actions.ts"]) {
      const violations = findViolations([file(path, ["server/sessions/guards/require-session.ts"])]);
      expect(violations).toEqual([
        expect.stringMatching(/^app\/.+: imports server\/sessions\/guards\/require-session\.ts, .+"@\/auth"/),
      ]);
      expect(violations[0]?.startsWith(path)).toBe(true);
    }
  });

  it("the middleware reaches the server by way of the configuration", () => {
    const violations = findViolations([
      file("middleware.ts", ["daemun.config.ts"]),
      file("daemun.config.ts", ["server/settings/env.ts"]),
      file("server/settings/env.ts", []),
    ]);
    expect(violations).toHaveLength(2);
  });

  it("what is allowed is not", () => {
    expect(
      findViolations([
        file("app/(account)/actions.ts", ["server/auth/a.ts", "ui/a.tsx", "edge/a.ts"], '"use server";'),
        file("server/auth/a.ts", [
          "server/sessions/a.ts",
          "server/http/a.ts",
          "server/settings/env.ts",
          "daemun.config.ts",
        ]),
        file("server/settings/env.ts", ["edge/secrets.ts"], "process.env"),
        file("edge/a.ts", ["daemun.config.ts"], 'process.env.NODE_ENV === "development"'),
        file("app/api/session/route.ts", ["server/auth/a.ts"]),
        file("app/layout.tsx", ["server/settings/env.ts", "app/globals.css"]),
        file("app/api/reports/route.ts", ["auth.ts", "app/reports/report.ts", "daemun.config.ts"]),
        file("app/reports/list.tsx", ["ui/notice.tsx", "edge/error-codes.ts"]),
        {
          path: "auth.ts",
          imports: ["server/oidc/a.ts"],
          text: 'import "server-only";\nexport { a } from "./server/oidc/a";',
        },
        file("dev/run/demo.ts", ["server/settings/env.ts", "prisma/migrate.ts"], "process.env.PORT"),
      ]),
    ).toEqual([]);
  });
});
