import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cutFonts } from "../fonts/cut";
import { root } from "./build";

// `npm run fonts`: cuts the fonts in ui/fonts to the texts in messages/. `-- <folder>` does so for an app that adopted Daemun.
const folder = resolve(process.argv[2] ?? root);
const target = join(folder, "ui/fonts");
mkdirSync(target, { recursive: true });
for (const [name, content] of await cutFonts(folder)) {
  writeFileSync(join(target, name), content);
  console.log(`${name}: ${(content.length / 1000).toFixed(1)} KB`);
}
copyFileSync(join(root, "node_modules/pretendard/dist/LICENSE.txt"), join(target, "OFL.txt"));
