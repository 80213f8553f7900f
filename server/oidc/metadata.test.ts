import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import { fetchMetadata, getMetadata, getRecentMetadata } from "./metadata";

provideEnv({ allowHttpLoopback: true, outboundTimeoutMs: 2000, discoveryMaxAgeSeconds: 30 });

const minute = 60_000;
let provider: ProviderSettings;
let server: Server;
let isAway = false;
let asked = 0;
/** Where it was asked last, and what it says besides. */
let path: string | undefined;
let besides: Record<string, unknown> = {};
beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    path = request.url;
    const at = (path: string) => `${provider.issuer}/${path}`;
    response.writeHead(isAway ? 503 : 200, { "Content-Type": "application/json" }).end(
      JSON.stringify({
        issuer: provider.issuer,
        authorization_endpoint: at("auth"),
        token_endpoint: at("token"),
        jwks_uri: at("jwks"),
        ...besides,
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  provider = { ...standardProvider, id: "company", issuer: `http://127.0.0.1:${port}` } as unknown as ProviderSettings;
});
afterEach(() => {
  besides = {};
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

it("FF-72: forty starts of a sign-in in half a minute ask a provider once, and one a minute later asks again", async () => {
  const begun = Date.now() + 48 * 60 * minute;
  vi.useFakeTimers({ toFake: ["Date"], now: begun });
  asked = 0;
  await Promise.all(Array.from({ length: 20 }, () => getRecentMetadata(provider)));
  vi.setSystemTime(begun + 29_000);
  await Promise.all(Array.from({ length: 20 }, () => getRecentMetadata(provider)));
  expect(asked).toBe(1);
  vi.setSystemTime(begun + minute);
  await Promise.all(Array.from({ length: 20 }, () => getRecentMetadata(provider)));
  expect(asked).toBe(2);
  isAway = true;
  vi.setSystemTime(begun + 2 * minute);
  await expect(getRecentMetadata(provider)).rejects.toMatchObject({ code: "provider_unavailable" });
  isAway = false;
});

it("FF-36: metadata is fetched from where configuration says, and its issuer and its endpoints' hosts are compared all the same", async () => {
  const elsewhere = { ...provider, discoveryUrl: `${provider.issuer}/policies/sign-in/metadata` };
  expect(await fetchMetadata(elsewhere)).toMatchObject({ issuer: provider.issuer });
  expect(path).toBe("/policies/sign-in/metadata");
  besides = { issuer: `${provider.issuer}/` };
  await expect(fetchMetadata(elsewhere)).rejects.toMatchObject({ detail: "issuer" });
  besides = { token_endpoint: "https://evil.test/token" };
  await expect(fetchMetadata(elsewhere)).rejects.toMatchObject({ detail: "endpoint_host" });
});

it("FF-37: metadata of many tenants names the template as its issuer", async () => {
  const issuerTemplate = `${provider.issuer}/{tenantid}`;
  besides = { issuer: issuerTemplate };
  expect(await fetchMetadata({ ...provider, issuerTemplate })).toMatchObject({ issuer: issuerTemplate });
  await expect(fetchMetadata(provider)).rejects.toMatchObject({ detail: "issuer" });
});
