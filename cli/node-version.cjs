// Loaded before anything else, by every command and by next.config.mjs: in words that any Node understands.
const wanted = require("../package.json").engines.node.replace(">=", "");
const [major, minor] = process.versions.node.split(".").map(Number);
const [wantedMajor, wantedMinor] = wanted.split(".").map(Number);

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(
    `Daemun needs Node ${wanted} or newer, and this is Node ${process.versions.node}: https://nodejs.org has it.`,
  );
  process.exit(1);
}
