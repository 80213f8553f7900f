import "./cli/node-version.cjs";
import { existsSync } from "node:fs";
import { withDaemun } from "./cli/with-daemun.mjs";

// The demo, development and the tests add the sample's pages, as long as nobody has removed them.
const hasSample = process.env.DAEMUN_SAMPLE === "1" && existsSync(new URL("sample", import.meta.url));
// The tests are built with a configuration and hooks of their own.
const configuration = process.env.DAEMUN_CONFIG || (hasSample && "./sample/daemun.config.ts");
const hooks = process.env.DAEMUN_HOOKS;

/** @type {import("next").NextConfig} */
const config = {
  pageExtensions: ["tsx", "ts", ...(hasSample ? ["sample.tsx"] : [])],
  turbopack: {
    resolveAlias: {
      ...(configuration && { "@/daemun.config": configuration }),
      ...(hooks && { "@/daemun.hooks": hooks }),
    },
  },
  // For an image that holds no packages but those which the server needs: the Dockerfile.
  ...(process.env.DAEMUN_STANDALONE === "1" && { output: "standalone" }),
  // Only what is deployed; `npm run check` checks tests and tools too.
  typescript: { tsconfigPath: "tsconfig.build.json" },
};

export default withDaemun(config, { messages: hasSample ? "./sample/i18n.ts" : "./ui/i18n.ts", configuration });
