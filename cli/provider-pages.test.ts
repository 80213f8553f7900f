import { generateKeyPairSync } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configSchema } from "@/edge/config-schema";
import type { Preset } from "@/server/settings/presets/preset";
import { presets } from "@/server/settings/presets/presets";
import { readProviders } from "@/server/settings/read-providers";

const folder = join(import.meta.dirname, "../docs/providers");
const pages = Object.entries(presets).flatMap(([id, preset]) => [
  { id, page: `${id}.md`, preset: preset as Preset },
  { id, page: `${id}.ko.md`, preset: preset as Preset },
]);
const read = (page: string) => readFileSync(join(folder, page), "utf8");

const privateKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

/** What a developer would fill in. */
const exampleOf = (name: string) =>
  name.endsWith("_ISSUER") ? "https://id.company.example" : name.endsWith("_PRIVATE_KEY") ? privateKey : "k3Jx9vQ2";

const variablesOf = (page: string) => [...read(page).matchAll(/^(AUTH_[A-Z0-9_]+)=/gm)].map(([, name = ""]) => name);

/** All that a preset says which a developer has to be able to look up. */
function factsOf({ issuer, issuerForm, scope, scopesWhereSupported, ...preset }: Preset): string[] {
  const { roles = [], organizations = [] } = preset.claims ?? {};
  const parameters = [preset.authorizationParameters, preset.tokenParameters, preset.signUp || {}];
  return [
    issuer ?? issuerForm ?? "",
    scope,
    ...(scopesWhereSupported ?? []),
    preset.prompt ?? "",
    preset.idTokenAlg ?? "",
    preset.clientAuthentication ?? "",
    preset.tokenDialect ?? "",
    ...(preset.endpointHosts ?? []),
    ...[roles, organizations].flat(),
    preset.logout?.redirectParameter ?? "",
    ...parameters.flatMap((given) => Object.entries(given ?? {}).map(([name, value]) => `${name}=${value}`)),
  ].filter((fact) => fact !== "");
}

describe("the pages about providers", () => {
  it("are one for each preset, in both languages, and no other", () => {
    expect(readdirSync(folder).sort()).toEqual(pages.map(({ page }) => page).sort());
  });

  it.each(pages)("$page says what the preset does", ({ page, preset }) => {
    const prose = read(page).replace(/^```[\s\S]*?^```/gm, "");
    const named = new Set([...prose.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text));
    expect(factsOf(preset).filter((fact) => !named.has(fact))).toEqual([]);
  });

  it.each(pages)("$page takes at most six steps, and its addresses are this app's", ({ id, page }) => {
    const steps = read(page).match(/^\d+\. /gm) ?? [];
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.length).toBeLessThanOrEqual(6);
    const name = id === "oidc" ? "company" : id;
    expect(read(page)).toContain(`<AUTH_URL>/api/auth/callback/${name}\``);
    const routes = [...read(page).matchAll(/<AUTH_URL>(\/api\/oidc\/[^`]+)`/g)].map(([, path = ""]) => path);
    for (const route of routes) expect(route).toMatch(new RegExp(`^/api/oidc/${name}/(?:back|front)channel-logout$`));
  });

  it.each(pages)("$page names variables with which the app starts, and every one that it needs", ({ page }) => {
    const names = variablesOf(page);
    const faultsWith = (given: readonly string[]) => {
      const faults: string[] = [];
      readProviders(
        Object.fromEntries(given.map((name) => [name, exampleOf(name)])),
        { allowHttpLoopback: false },
        faults,
      );
      return faults;
    };
    expect(faultsWith(names)).toEqual([]);
    for (const name of names.filter((needed) => !needed.endsWith("_NAME")))
      expect(faultsWith(names.filter((other) => other !== name)), name).not.toEqual([]);
  });

  it.each(Object.keys(presets))("%s's two pages are of one content", (id) => {
    const [english, korean] = [`${id}.md`, `${id}.ko.md`];
    expect(variablesOf(korean)).toEqual(variablesOf(english));
    const shape = (page: string) => read(page).match(/^(?:#+|\d+\.|-|\||```\w*)/gm);
    expect(shape(korean)).toEqual(shape(english));
    expect(existsSync(join(folder, korean))).toBe(true);
  });

  it("configure what the configuration takes", () => {
    const blocks = pages.flatMap(({ page }) =>
      [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code),
    );
    expect(blocks.length).toBeGreaterThan(0);
    for (const code of blocks) {
      const { providers } = new Function(`return { ${code} };`)() as { providers: unknown };
      expect(configSchema.shape.providers.safeParse(providers).error?.issues).toBeUndefined();
    }
  });
});
