import { afterEach, expect, it, vi } from "vitest";
import { testServices } from "../../e2e/support/service-names";
import { startIdentityProviders } from "../provider/start";
import { notesIssuer } from "./notes-issuer";
import { startServices } from "./start";
import { appUrl, client, startBehind } from "./testing/behind";

afterEach(() => vi.unstubAllEnvs());

const startProviders = () =>
  startIdentityProviders({
    issuers: [notesIssuer({ names: testServices.notes, port: 0, appUrl, client })],
    controlPort: 0,
  });

it("does not start in production, but for the demo", async () => {
  const providers = await startProviders();
  vi.stubEnv("NODE_ENV", "production");
  await expect(startServices({ names: testServices, providers, client })).rejects.toThrow("NODE_ENV=production");
  vi.stubEnv("DAEMUN_DEMO", "1");
  const { stop } = await startServices({ names: testServices, providers, client });
  await stop();
  await providers.stop();
});

it("does not start without the authorization server of the notes", async () => {
  const providers = await startIdentityProviders({ issuers: [], controlPort: 0 });
  await expect(startServices({ names: testServices, providers, client })).rejects.toThrow("notes");
  await providers.stop();
});

it("gives back the ports it had when it cannot start as a whole", async () => {
  const providers = await startProviders();
  const first = await startServices({ names: testServices, providers, client });
  const { port } = new URL(first.services.notes.url);
  const again = startServices({ names: testServices, providers, client, ports: { shopping: Number(port) } });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
  await first.stop();
  await providers.stop();
});

it("asks no issuer for anything before the first token", async () => {
  const behind = await startBehind();
  await behind.call("shopping", "/orders", null);
  for (const id of ["company", "partner", "notes"]) expect(await behind.control.journal(id)).toEqual([]);
  await behind.stop();
});

it("tells what the app has to know", async () => {
  const behind = await startBehind();
  const { shopping, store, notes } = behind.services;
  expect(behind.forApp).toEqual([
    { id: "shopping", url: shopping.url },
    { id: "store", url: store.url },
    { id: "notes", url: notes.url, client: { issuer: behind.issuerOf("notes"), ...client } },
  ]);
  await behind.stop();
});

it("stops at once, also in the middle of an answer", async () => {
  const behind = await startBehind();
  const answer = await behind.call("shopping", "/events", await behind.shoppingToken());
  const told = answer.text().catch((error: Error) => error);
  await behind.stop();
  expect(await told).toBeInstanceOf(Error);
});
