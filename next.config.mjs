import "./cli/node-version.cjs";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PHASE_PRODUCTION_BUILD } from "next/constants.js";
import createNextIntlPlugin from "next-intl/plugin";
import { serverActionBytes } from "./edge/body-limits.mjs";
import { securityHeaders } from "./edge/security-headers.mjs";

// The demo, development and the tests add the sample's pages, as long as nobody has removed them.
const hasSample = process.env.DAEMUN_SAMPLE === "1" && existsSync(new URL("sample", import.meta.url));
// The tests are built with a configuration and hooks of their own.
const configuration = process.env.DAEMUN_CONFIG || (hasSample && "./sample/daemun.config.ts");
const hooks = process.env.DAEMUN_HOOKS;

const withNextIntl = createNextIntlPlugin(hasSample ? "./sample/i18n.ts" : "./ui/i18n.ts");

const headers = Object.entries(securityHeaders).map(([key, value]) => ({ key, value }));

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  pageExtensions: ["tsx", "ts", ...(hasSample ? ["sample.tsx"] : [])],
  turbopack: {
    resolveAlias: {
      ...(configuration && { "@/daemun.config": configuration }),
      ...(hooks && { "@/daemun.hooks": hooks }),
    },
  },
  // The optimizer fetches and decodes any image that it is asked for, and this app needs none of it.
  images: { unoptimized: true },
  // Headers that say once more what the page says by itself. All headers have to fit into what proxies buffer,
  // 4 KB. (Nothing fits into one byte, and React warns of none.)
  reactMaxHeadersLength: 1,
  // For an image that holds no packages but those which the server needs: the Dockerfile.
  ...(process.env.DAEMUN_STANDALONE === "1" && { output: "standalone" }),
  productionBrowserSourceMaps: false,
  // Only what is deployed; `npm run check` checks tests and tools too.
  typescript: { tsconfigPath: "tsconfig.build.json" },
  serverExternalPackages: [
    "pino",
    "pg",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-trace-node",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/exporter-trace-otlp-proto",
    "@opentelemetry/exporter-metrics-otlp-proto",
  ],
  // The gate's `returnTo` has to be the address as it was asked for: when Next normalises it, it rewrites the query.
  skipProxyUrlNormalize: true,
  // forbidden() and unauthorized() render a page of their own with the right status, without JavaScript too.
  experimental: {
    authInterrupts: true,
    serverActions: { bodySizeLimit: serverActionBytes },
  },
  headers: async () => [{ source: "/:path*", headers }],
};

/** Ends a build whose configuration could never start; it has been printed why. */
function checkConfiguration() {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const args = [
    "--import",
    "tsx",
    "--conditions=react-server",
    "cli/check-config.ts",
    ...(configuration ? [configuration] : []),
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(1);
  // Next's workers read this file too.
  process.env.DAEMUN_CONFIG_CHECKED = "1";
}

/** @param {string} phase */
export default function nextConfig(phase) {
  if (phase === PHASE_PRODUCTION_BUILD && !process.env.DAEMUN_CONFIG_CHECKED) checkConfiguration();
  return withNextIntl(config);
}
