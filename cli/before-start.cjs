// Loaded by `npm start` before Next, which says that it is ready before it runs anything of ours.
require("./node-version.cjs");
const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { resolve } = require("node:path");

const build = resolve(".next/server/instrumentation.js");
if (require.main === module) {
  // As a process of its own: the build's start, which ends with all faults or with nothing.
  const quiet = { info() {}, error: console.error };
  require("@next/env").loadEnvConfig(process.cwd(), false, quiet);
  Object.assign(process.env, { NODE_ENV: "production", NEXT_RUNTIME: "nodejs" });
  require(build).register();
} else if (existsSync(build)) {
  // It logs what the start will log once more.
  const { status } = spawnSync(process.execPath, [__filename], { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exit(status || 1);
}
