import { join } from "node:path";
import { buildDocs } from "../docs/build";
import { serveFolder } from "../docs/serve";
import { isPortFree } from "../process/ports";
import { onStop } from "../process/stop-signals";
import { root } from "./build";

// `npm run docs`: a site of all documents, with search, below .data/docs. `-- --serve` shows it on this machine.
onStop((signal) => process.exit(signal === "SIGINT" ? 130 : 143));
const folder = join(root, ".data/docs");
if (!(await buildDocs(folder))) process.exit(1);
console.log(`The documents are in ${folder}.`);
if (process.argv.includes("--serve")) {
  const { url } = await serveFolder(folder, (await isPortFree(4173)) ? 4173 : 0);
  console.log(`They are at ${url}/ until Ctrl-C.`);
}
