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
