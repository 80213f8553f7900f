import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { ProviderSettings } from "../provider-settings";
import { getMetadata } from "./metadata";

vi.mock("../env", () => ({ env: () => ({ allowHttpLoopback: true, outboundTimeoutMs: 2000 }) }));

const minute = 60_000;
let provider: ProviderSettings;
let server: Server;
let isAway = false;
let asked = 0;
beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    const at = (path: string) => `${provider.issuer}/${path}`;
    response.writeHead(isAway ? 503 : 200, { "Content-Type": "application/json" }).end(
      JSON.stringify({
        issuer: provider.issuer,
        authorization_endpoint: at("auth"),
        token_endpoint: at("token"),
        jwks_uri: at("jwks"),
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  provider = { id: "company", issuer: `http://127.0.0.1:${port}`, endpointHosts: [] } as unknown as ProviderSettings;
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => server.close());

it("metadata that is known serves for ten minutes unasked, and up to a day while the provider is away", async () => {
  const begun = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: begun });
  const first = await getMetadata(provider);
  vi.setSystemTime(begun + 9 * minute);
  expect(await getMetadata(provider)).toBe(first);
  expect(asked).toBe(1);

  isAway = true;
  vi.setSystemTime(begun + 23 * 60 * minute);
  expect(await getMetadata(provider)).toBe(first);
  expect(asked).toBe(2);
  vi.setSystemTime(begun + 25 * 60 * minute);
  await expect(getMetadata(provider)).rejects.toMatchObject({ code: "provider_unavailable" });

  isAway = false;
  expect(await getMetadata(provider)).toMatchObject({ issuer: provider.issuer });
});
