import { describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { checkConfig } from "./check-config";
import { accountPageOf, labelIn, nameIn, scopeNames } from "./labels";
import { presets } from "./presets/presets";

describe("FF-84: what configuration calls something", () => {
  it("FF-84: is the label of the page's language, then the English one, then any", () => {
    expect(labelIn({ en: "Shelves", ko: "선반" }, "ko")).toBe("선반");
    expect(labelIn({ en: "Shelves" }, "ko")).toBe("Shelves");
    expect(labelIn({ ko: "선반" }, "en")).toBe("선반");
    expect([labelIn(undefined, "en"), labelIn({}, "toString")]).toEqual([null, null]);
  });

  it("FF-84: is the name in every language that has no label of its own", () => {
    expect(nameIn({ name: "Notes", labels: { ko: "노트" } }, "ko")).toBe("노트");
    expect(nameIn({ name: "Notes", labels: { ko: "노트" } }, "en")).toBe("Notes");
    expect(nameIn({ name: "Notes" }, "ko")).toBe("Notes");
  });

  it("FF-84: is said of scopes by whichever of several names them last", () => {
    const names = scopeNames(
      [{ read: { en: "Read" } }, undefined, { read: { ko: "읽기" }, write: { en: "Write" } }],
      "ko",
    );
    expect(names).toEqual({ read: "읽기", write: "Write" });
  });

  it.each([
    ["a resource", { resources: [{ ...daemun.resources[0], labels: { de: "Regale" } }] }, /resources\.0\.labels\.de/],
    [
      "a scope",
      { resources: [{ ...daemun.resources[0], scopeLabels: { "shopping:read": { En: "x" } } }] },
      /resources\.0\.scopeLabels\.shopping:read\.En/,
    ],
    [
      "a provider",
      { providers: { ...daemun.providers, company: { labels: { kr: "x" } } } },
      /providers\.company\.labels/,
    ],
  ])("FF-84: stops the start in a language that the app does not speak: %s", (_, changed, place) => {
    const services = {};
    expect(checkConfig({ ...daemun, services, ...changed })).toEqual([expect.stringMatching(place)]);
  });

  it.each([
    ["no language", {}],
    ["an empty label", { en: " " }],
    ["a label that is none", { en: 1 }],
  ])("FF-84: stops the start with %s", (_, labels) => {
    expect(checkConfig({ ...daemun, services: {}, resources: [{ ...daemun.resources[0], labels }] })).toHaveLength(1);
  });
});

describe("where users change what a provider says of them", () => {
  it("is the same address everywhere, or one below the issuer", () => {
    const { google, keycloak, okta } = presets;
    const of = (accountPage: string | undefined, issuer: string) =>
      accountPageOf({ issuer, ...(accountPage && { accountPage }) });
    expect(of(google.accountPage, "https://accounts.google.com")).toBe("https://myaccount.google.com/personal-info");
    expect(of(keycloak.accountPage, "https://id.example/realms/a")).toBe("https://id.example/realms/a/account");
    expect(of(keycloak.accountPage, "https://id.example/realms/a/")).toBe("https://id.example/realms/a/account");
    expect(of(okta.accountPage, "https://a.okta.com/oauth2/default")).toBe("https://a.okta.com/enduser/settings");
    expect(accountPageOf({ issuer: "https://id.example" })).toBeNull();
  });

  it.each(["javascript:alert(1)", "http://id.example/account", "/account", "{elsewhere}/account"])(
    "stops the start where it is no https address: %s",
    (accountPage) => {
      const providers = { ...daemun.providers, company: { accountPage } };
      expect(checkConfig({ ...daemun, providers })).toEqual([expect.stringMatching(/company\.accountPage/)]);
    },
  );
});
