import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./ui/i18n.ts");

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // The optimizer fetches and decodes what it is told to: a door this house has no use for.
  images: { unoptimized: true },
  productionBrowserSourceMaps: false,
  serverExternalPackages: ["pino", "pg"],
};

export default withNextIntl(config);
