import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository whose documents these are. */
export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), "../..");

const readmes = ["dev/provider/README.md", "bench/README.md", "e2e/cases.md"];

/** Every document, by its path in the repository, in both languages. */
export function listDocuments(root = repositoryRoot): string[] {
  return [
    ...readdirSync(root).filter((name) => name.endsWith(".md")),
    ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".md"))
      .map((path) => `docs/${path}`),
    ...readmes.filter((path) => existsSync(join(root, path))),
  ].sort();
}

/** Where a document's page is on the site: `docs/accounts.ko.md` is `ko/docs/accounts.md`, and a README its start. */
export function pageOf(document: string): string {
  const korean = document.endsWith(".ko.md");
  const path = document.replace(/\.ko\.md$/, ".md").replace(/^README\.md$/, "index.md");
  return korean ? `ko/${path}` : path;
}

/** The address of a document's page, from the site's root. */
export const addressOf = (document: string) =>
  `/${pageOf(document)
    .replace(/(^|\/)index\.md$/, "$1")
    .replace(/\.md$/, ".html")}`;

/** A document's first heading, without its marks. */
export function titleOf(document: string, root = repositoryRoot): string {
  const [, title = document] = /^# (.+)$/m.exec(readFileSync(join(root, document), "utf8")) ?? [];
  return title.replace(/[`*]/g, "");
}
