import { spawnSync } from "node:child_process";
import { afterEach, expect, it, vi } from "vitest";
import { createControlClient } from "./control-client";
import { startIdentityProviders } from "./start";

afterEach(() => vi.unstubAllEnvs());

const options = { issuers: [{ id: "company", port: 0, clients: [] }], controlPort: 0 };

it("does not start in production", async () => {
  vi.stubEnv("NODE_ENV", "production");
  await expect(startIdentityProviders(options)).rejects.toThrow("NODE_ENV=production");
});

it("starts for the demo, which runs the production build on loopback", async () => {
  vi.stubEnv("NODE_ENV", "production");
  vi.stubEnv("DAEMUN_DEMO", "1");
  const providers = await startIdentityProviders(options);
  await providers.stop();
});

it("stops at once, also with a connection that a fault holds open", async () => {
  const providers = await startIdentityProviders(options);
  const issuer = providers.issuers.company?.issuer ?? "";
  const control = createControlClient(providers.control);
  await control.addFault("company", { endpoint: "jwks", fault: { kind: "hang" } });
  const asked = fetch(`${issuer}/jwks`).catch((error: Error) => error);
  await expect.poll(async () => (await control.journal("company", { endpoint: "jwks" })).length).toBe(1);
  await providers.stop();
  expect(await asked).toBeInstanceOf(Error);
  await expect(fetch(`${issuer}/jwks`)).rejects.toThrow();
});

it("gives back the ports it had when it cannot start as a whole", async () => {
  const first = await startIdentityProviders(options);
  const taken = Number(new URL(first.issuers.company?.issuer ?? "").port);
  await expect(
    startIdentityProviders({
      issuers: [
        { id: "a", port: 0, clients: [] },
        { id: "b", port: taken, clients: [] },
      ],
      controlPort: 0,
    }),
  ).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
  await first.stop();
});

it("answers on 127.0.0.1 as well as on localhost", async () => {
  const providers = await startIdentityProviders(options);
  const url = new URL("/jwks", providers.issuers.company?.issuer);
  expect((await fetch(url)).status).toBe(200);
  url.hostname = "127.0.0.1";
  expect((await fetch(url)).status).toBe(200);
  await providers.stop();
});

it("prints nothing when a process takes it in, on every Node that the app supports", () => {
  const script = 'await import("./dev/provider/start.ts"); console.log("loaded");';
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect([stdout, stderr]).toEqual(["loaded\n", ""]);
});
