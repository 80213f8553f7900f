import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { runStep } from "../process/run-step";
import { listDocuments, pageOf, repositoryRoot } from "./pages";

const timeoutMs = 300_000;

/**
 * Builds the site of all documents. A link between documents that leads nowhere fails it.
 *
 * @param folder - for the site; what is in it is replaced
 * @returns whether it was built; what hindered it has been printed
 */
export async function buildDocs(folder: string): Promise<boolean> {
  // A folder of its own: two builds are not in each other's way, and the generator sees nothing but documents.
  mkdirSync(join(repositoryRoot, ".data"), { recursive: true });
  const work = mkdtempSync(join(repositoryRoot, ".data", "docs-build-"));
  const remove = () => rmSync(work, { recursive: true, force: true });
  // A Ctrl-C ends the process without coming back here.
  process.once("exit", remove);
  try {
    fill(work);
    const { code, output } = await runStep({
      name: "documents",
      args: ["node_modules/vitepress/bin/vitepress.js", "build", work, "--outDir", folder],
      timeoutMs,
      quiet: true,
    });
    if (code !== 0) console.error(output);
    return code === 0;
  } finally {
    process.off("exit", remove);
    remove();
  }
}

function fill(work: string): void {
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(work, to)), { recursive: true });
    cpSync(join(repositoryRoot, from), join(work, to));
  };
  for (const document of listDocuments()) copy(document, pageOf(document));
  const pictures = readdirSync(join(repositoryRoot, "docs"), { recursive: true, encoding: "utf8" });
  for (const path of pictures.filter((path) => /\.(?:png|svg)$/.test(path)))
    for (const folder of ["docs", "ko/docs"]) copy(`docs/${path}`, `${folder}/${path}`);
  const reExport = (name: string, file: string) => {
    const path = join(work, ".vitepress", name);
    mkdirSync(dirname(path), { recursive: true });
    const from = relative(dirname(path), join(repositoryRoot, "dev/docs", file));
    writeFileSync(path, `export { default } from ${JSON.stringify(from)};\n`);
  };
  reExport("config.mts", "config");
  reExport("theme/index.ts", "theme");
}
