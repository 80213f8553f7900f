import { expect, it } from "vitest";
import { withDaemun } from "./with-daemun.mjs";

it("an app's own configuration of Next stays, beside what this one needs", async () => {
  const own = {
    cacheComponents: true,
    poweredByHeader: true,
    serverExternalPackages: ["own"],
    experimental: { authInterrupts: false, optimizeCss: true },
    headers: async () => [{ source: "/own", headers: [{ key: "X-Own", value: "1" }] }],
  };
  const config = withDaemun(own)("phase-production-server");
  expect(config).toMatchObject({
    cacheComponents: false,
    poweredByHeader: true,
    skipProxyUrlNormalize: true,
    experimental: { authInterrupts: true, optimizeCss: true },
  });
  expect(config.serverExternalPackages).toEqual(expect.arrayContaining(["own", "pg"]));
  const sources = (await config.headers?.())?.map(({ source }) => source);
  expect(sources).toEqual(["/:path*", "/own"]);
});

const ownParts = (phase: string, defaultConfig: object) => ({
  basePath: "/shop",
  env: { phase, given: JSON.stringify(defaultConfig) },
  redirects: async () => [{ source: "/old", destination: "/new", permanent: true }],
  headers: async () => [{ source: "/own", headers: [{ key: "X-Own", value: "1" }] }],
});

it.each([
  [
    "a function",
    (phase: string, { defaultConfig }: { defaultConfig: object }) => ownParts(phase, defaultConfig),
    '{"a":1}',
  ],
  [
    "an async function",
    async (phase: string, { defaultConfig }: { defaultConfig: object }) => ownParts(phase, defaultConfig),
    '{"a":1}',
  ],
  ["a promise", Promise.resolve(ownParts("phase-production-server", {})), "{}"],
])("an app's own configuration stays where it is %s", async (_, own, given) => {
  const defaultConfig = { a: 1 } as object;
  const config = await withDaemun(own)("phase-production-server", { defaultConfig });
  expect(config).toMatchObject({
    basePath: "/shop",
    env: { phase: "phase-production-server", given },
    cacheComponents: false,
    skipProxyUrlNormalize: true,
  });
  expect(await config.redirects?.()).toEqual([{ source: "/old", destination: "/new", permanent: true }]);
  expect((await config.headers?.())?.map(({ source }) => source)).toEqual(["/:path*", "/own"]);
});
