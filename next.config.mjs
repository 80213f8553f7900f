import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./ui/i18n.ts");

const headers = [
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  // Browsers heed it over https alone, so it does no harm on loopback. RFC 6797.
  { key: "Strict-Transport-Security", value: "max-age=63072000" },
];

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // The optimizer fetches and decodes what it is told to: a door this house has no use for.
  images: { unoptimized: true },
  productionBrowserSourceMaps: false,
  // What is deployed; `npm run check` looks at the tests and tools too.
  typescript: { tsconfigPath: "tsconfig.build.json" },
  serverExternalPackages: ["pino", "pg"],
  // The gate sends people back to the address they asked for: left to normalise it, Next writes the query anew.
  skipProxyUrlNormalize: true,
  // forbidden() and unauthorized(): a page of its own with the right status, rendered without JavaScript.
  experimental: {
    authInterrupts: true,
    // With middleware Next keeps a copy of each body; nothing that passes the gate is large.
    proxyClientMaxBodySize: "128kb",
  },
  headers: async () => [{ source: "/:path*", headers }],
};

export default withNextIntl(config);
