import * as openid from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSink } from "../../support/sink";
import { clientId, clientSecret, shareTestApp, signedIn, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await shareTestApp();
});
afterAll(() => app.close());

/** An access token for an API, from the refresh token that the app was given when `person` signed in. */
async function tokenFor(user: string, parameters: Record<string, string>): Promise<string> {
  await app.control.clearJournal("company");
  await signedIn(app, { user });
  const [issued] = await app.control.issued("company");
  const configuration = await openid.discovery(new URL(app.issuers.company ?? ""), clientId, clientSecret, undefined, {
    execute: [openid.allowInsecureRequests],
  });
  const grant = await openid.refreshTokenGrant(configuration, issued?.refreshToken ?? "", parameters);
  return grant.access_token;
}

describe("the services behind an app", () => {
  it("take the tokens that the app is given, and nobody without", async () => {
    const { shopping, store } = app.services;
    const calls = [
      [`${shopping.url}/orders`, { resource: "https://shopping.example/api" }],
      [`${store.url}/inventory`, { resource: "https://store.example/api", organization_id: "org_hanok" }],
    ] as const;
    for (const [url, parameters] of calls) {
      const token = await tokenFor("minsu", parameters);
      expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
      expect((await fetch(url)).status).toBe(401);
    }
    expect((await fetch(`${app.services.notes.url}/notes`)).status).toBe(401);
  });

  it("refuse a member's token as soon as the person left the organization, where membership is checked", async () => {
    const { store } = app.services;
    const resource = "https://store.example/api";
    const token = await tokenFor("minsu", { resource, organization_id: "org_hanok" });
    const ask = () => fetch(`${store.url}/inventory`, { headers: { authorization: `Bearer ${token}` } });
    store.control.setMembershipCheck(true);
    expect((await ask()).status).toBe(200);
    await app.control.changeUser("company", "minsu", { organizations: [] });
    expect((await ask()).status).toBe(401);
    await app.control.resetUsers("company");
    await store.control.reset();
  });

  it("are told to the app, with its registration at the third party", async () => {
    const { shopping, store, notes } = app.services;
    expect(app.environment).toMatchObject({
      SERVICE_SHOPPING_URL: shopping.url,
      SERVICE_STORE_URL: store.url,
      SERVICE_NOTES_URL: notes.url,
      SERVICE_NOTES_ISSUER: app.issuers.notes,
      SERVICE_NOTES_ID: clientId,
      SERVICE_NOTES_SECRET: clientSecret,
    });
    expect(app.environment.AUTH_PROVIDERS).toBe("company,partner");
    const [registered] = await app.control.clients("notes");
    expect(registered?.redirectUris).toEqual([`${app.url}/api/connect/notes/callback`]);
  });
});

describe("a sink", () => {
  it("is empty until somebody connects, by whichever name of this machine, and keeps what they said", async () => {
    const sink = await openSink();
    expect(sink.received()).toEqual([]);
    await fetch(`${sink.url}/here`);
    await fetch(`http://127.0.0.1:${new URL(sink.url).port}/there`);
    expect(sink.received().map((text) => text.split(" ")[1])).toEqual(["/here", "/there"]);
    await sink.close();
  });
});
