import { fileURLToPath } from "node:url";

/** Runs from `.data/bench/gate/<variant>`, and resolves packages and `@/…` from the repository above. */
export default {
  poweredByHeader: false,
  turbopack: { root: fileURLToPath(new URL("../../../..", import.meta.url)) },
  typescript: { ignoreBuildErrors: true },
};
