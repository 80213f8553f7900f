import "./node-version.cjs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PHASE_PRODUCTION_BUILD } from "next/constants.js";
import createNextIntlPlugin from "next-intl/plugin";
import { serverActionBytes } from "../edge/body-limits.mjs";
import { securityHeaders } from "../edge/security-headers.mjs";

const headers = Object.entries(securityHeaders).map(([key, value]) => ({ key, value }));

const external = [
  "pino",
  "pg",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace-node",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/exporter-trace-otlp-proto",
  "@opentelemetry/exporter-metrics-otlp-proto",
];

/**
 * @typedef {import("next").NextConfig} NextConfig
 * @typedef {{ defaultConfig: NextConfig }} Context what Next gives to a configuration that is a function, beside the phase
 * @typedef {(phase: string, context: Context) => NextConfig | Promise<NextConfig>} Configure
 * @typedef {{ messages?: string, configuration?: string | false }} Options where texts are read, and which configuration the
 *   build checks, where that is not daemun.config.ts
 */

/**
 * What this app needs of Next's configuration, on top of an app's own, in each of the shapes that Next takes.
 *
 * @overload
 * @param {NextConfig} [own]
 * @param {Options} [options]
 * @returns {(phase: string) => NextConfig}
 */
/**
 * @overload
 * @param {Configure | Promise<NextConfig>} own
 * @param {Options} [options]
 * @returns {(phase: string, context: Context) => Promise<NextConfig>}
 */
/**
 * @param {NextConfig | Configure | Promise<NextConfig>} own
 * @param {Options} options
 */
export function withDaemun(own = {}, { messages = "./ui/i18n.ts", configuration = false } = {}) {
  /** @param {string} phase @param {NextConfig} config */
  const complete = (phase, config) => {
    if (phase === PHASE_PRODUCTION_BUILD && !process.env.DAEMUN_CONFIG_CHECKED) checkConfiguration(configuration);
    return createNextIntlPlugin(messages)(addTo(config));
  };
  if (typeof own === "function")
    return async (/** @type {string} */ phase, /** @type {Context} */ context) =>
      complete(phase, await own(phase, context));
  if (own instanceof Promise) return async (/** @type {string} */ phase) => complete(phase, await own);
  return (/** @type {string} */ phase) => complete(phase, own);
}

/**
 * @param {NextConfig} own
 * @returns {NextConfig}
 */
function addTo(own) {
  return {
    poweredByHeader: false,
    // The optimizer fetches and decodes any image that it is asked for, and this app needs none of it.
    images: { unoptimized: true },
    // Headers that say once more what the page says by itself. All headers have to fit into what proxies buffer,
    // 4 KB. (Nothing fits into one byte, and React warns of none.)
    reactMaxHeadersLength: 1,
    productionBrowserSourceMaps: false,
    ...own,
    // What they make ahead of a request can have no nonce of it, and is nobody's page.
    cacheComponents: false,
    partialPrefetching: false,
    serverExternalPackages: [...external, ...(own.serverExternalPackages ?? [])],
    // The gate's `returnTo` has to be the address as it was asked for: when Next normalises it, it rewrites the query.
    skipProxyUrlNormalize: true,
    // forbidden() and unauthorized() render a page of their own with the right status, without JavaScript too.
    experimental: {
      serverActions: { bodySizeLimit: serverActionBytes },
      ...own.experimental,
      authInterrupts: true,
    },
    headers: async () => [{ source: "/:path*", headers }, ...((await own.headers?.()) ?? [])],
  };
}

/**
 * Ends a build whose configuration could never start; it has been printed why.
 *
 * @param {string | false} configuration
 */
function checkConfiguration(configuration) {
  const root = fileURLToPath(new URL("..", import.meta.url));
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
