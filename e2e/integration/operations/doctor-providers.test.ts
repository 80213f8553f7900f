import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Endpoint, Fault } from "../../../dev/provider/control-client";
import { amiss, askDoctor } from "../../support/doctor";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app?.close());

describe("a provider that misbehaves: its fault is found, and no other", () => {
  afterEach(() => app.control.clearFaults("company"));

  const json = (set: Record<string, unknown>): Fault => ({ kind: "json", set, remove: [] });
  const respond = (status: number, body: string): Fault => ({ kind: "respond", status, headers: {}, body });

  it.each([
    ["keys that cannot be had", "jwks", respond(500, ""), "keySetAway"],
    ["no key for its algorithms", "jwks", json({ keys: [{ kty: "EC", crv: "P-256", use: "enc" }] }), "keysUnusable"],
    ["no discovery document", "discovery", respond(404, ""), "discoveryStatus"],
    ["a page in its place", "discovery", respond(200, "<p>Welcome</p>"), "discoveryUnreadable"],
    [
      "an endpoint elsewhere",
      "discovery",
      json({ token_endpoint: "https://elsewhere.test/token" }),
      "endpointElsewhere",
    ],
    ["no PKCE", "discovery", json({ code_challenge_methods_supported: ["plain"] }), "pkceMissing"],
    [
      "pushed requests alone, and no place for them",
      "discovery",
      {
        kind: "json",
        set: { require_pushed_authorization_requests: true },
        remove: ["pushed_authorization_request_endpoint"],
      },
      "providerUnsupported",
    ],
    ["a token endpoint that fails", "token", respond(500, ""), "clientUnclear"],
  ] as [string, Endpoint, Fault, string][])("%s", async (_, endpoint, fault, code) => {
    await app.control.addFault("company", { endpoint, times: null, fault });
    expect(amiss((await askDoctor(app.environment)).report)).toEqual([`${code}:company`]);
  });

  it("one that takes pushed requests and bound tokens alone is asked as at a sign-in, and no fault is found", async () => {
    const required = json({ require_pushed_authorization_requests: true });
    await app.control.addFault("company", { endpoint: "discovery", times: null, fault: required });
    await app.control.clearJournal("company");
    const { report } = await askDoctor({ ...app.environment, AUTH_COMPANY_DPOP: "true" });
    expect(amiss(report)).toEqual([]);
    const told = report.findings.filter(({ about }) => about === "company").map(({ code }) => code);
    expect(told).toEqual(expect.arrayContaining(["clientAccepted", "requestAccepted"]));
    const asked = (await app.control.journal("company", { endpoint: "authorization" })).map(({ query }) => query);
    expect(asked.flatMap((query) => Object.keys(query)).sort()).toEqual(["client_id", "request_uri"]);
    const exchanges = await app.control.journal("company", { endpoint: "token" });
    expect(exchanges.map(({ headers }) => typeof headers.dpop)).not.toContain("undefined");
  });

  it.each([
    ["invalid_scope", "requestRefused:company"],
    // How the development provider, and Keycloak, refuse a redirect URI there.
    ["invalid_request", "requestRefused:company"],
    ["invalid_redirect_uri", "redirectUriRefused:company"],
  ])("a pushed request that it refuses as %s", async (error, code) => {
    const fault: Fault = { kind: "respond", status: 400, headers: {}, json: { error } };
    await app.control.addFault("company", { endpoint: "pushed_authorization_request", times: null, fault });
    const environment = { ...app.environment, AUTH_COMPANY_PUSHED_AUTHORIZATION: "true" };
    const { report } = await askDoctor(environment);
    expect(amiss(report)).toEqual([code]);
    const cure = report.findings.find(({ check, about }) => check === "provider.request" && about === "company")?.cure;
    if (error !== "invalid_scope") expect(cure).toContain(`${app.url}/api/auth/callback/company`);
  });

  it("a scope that it refuses", async () => {
    const location = `${app.url}/api/auth/callback/company?error=invalid_scope`;
    const fault: Fault = { kind: "respond", status: 303, headers: { location } };
    await app.control.addFault("company", { endpoint: "authorization", times: null, fault });
    expect(amiss((await askDoctor(app.environment)).report)).toEqual(["requestRefused:company"]);
  });

  it.each([
    ["an hour ahead", 3600, "ahead of this machine's"],
    ["ten minutes slow", -600, "slower than this machine's"],
  ])("a clock that is %s", async (_, seconds, said) => {
    const document = await (await fetch(`${app.issuers.company}/.well-known/openid-configuration`)).json();
    const date = new Date(Date.now() + seconds * 1000).toUTCString();
    const fault: Fault = { kind: "respond", status: 200, headers: { date }, json: document };
    await app.control.addFault("company", { endpoint: "discovery", times: null, fault });
    const { report } = await askDoctor(app.environment);
    expect(amiss(report)).toEqual(["providerClockOff:company"]);
    expect(report.findings.find(({ code }) => code === "providerClockOff")?.said).toContain(said);
  });

  it("groups that its tokens left out as too many are counted among those who are signed in", async () => {
    await signedIn(app, { user: "minsu" });
    await signedIn(app, { user: "eunji" });
    await app.rows(
      `UPDATE "Session" SET claims = claims || '{"_claim_names": {"groups": "src1"}}' WHERE subject = 'minsu'`,
    );
    const { report } = await askDoctor(app.environment);
    expect(amiss(report)).toEqual(["claimsLeftOut:company"]);
    expect(report.findings.find(({ code }) => code === "claimsLeftOut")?.said).toMatch(/latest 2 sessions, 1 came/);
  });
});
