import { fileURLToPath } from "node:url";

/** Runs from `.data/bench/app/<name>`, and resolves packages and `@/…` from the repository above. */
export default {
  poweredByHeader: false,
  turbopack: { root: fileURLToPath(new URL("../../../..", import.meta.url)) },
  // The repository's own check has looked at them.
  typescript: { ignoreBuildErrors: true },
  // Its own way to load them: the bundler's copy of its pool would not be the one that is measured elsewhere.
  serverExternalPackages: ["pg"],
};
