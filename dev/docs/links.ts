import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { listDocuments, pageOf, repositoryRoot } from "./pages";

type Token = ReturnType<MarkdownRenderer["parse"]>[number];

/** Where a link leads on the site, or null where it leads nowhere: its words stay. */
export type Destination = string | null;

/**
 * The address at which a repository's files can be read, from `repository` of a package.json.
 *
 * @returns null when there is none, or one that no browser opens
 */
export function sourceAddress(repository: unknown): string | null {
  const named = typeof repository === "string" ? repository : (repository as { url?: unknown } | undefined)?.url;
  if (typeof named !== "string") return null;
  const url = named
    .replace(/^(?:github:)?([\w.-]+\/[\w.-]+)$/, "https://github.com/$1")
    .replace(/^git\+/, "")
    .replace(/\.git$/, "");
  return /^https:\/\//.test(url) ? `${url}/blob/HEAD` : null;
}

/** What a link may lead to. */
export interface Destinations {
  /** Every document, by its path in the repository. */
  documents: readonly string[];
  /** The address of the repository's files, for links to what is no document. */
  source: string | null;
}

/**
 * Where a link of a document leads on the site.
 *
 * @param document - by its path in the repository
 * @throws Error when there is no such file
 */
export function destinationOf(document: string, target: string, { documents, source }: Destinations): Destination {
  if (/^(?:[a-z]+:|#)/i.test(target)) return target;
  const [file = "", fragment] = target.split("#");
  const path = posix.join(posix.dirname(document), decodeURIComponent(file)).replace(/\/$/, "");
  const hash = fragment === undefined ? "" : `#${fragment}`;
  if (documents.includes(path)) return `/${pageOf(path)}${hash}`;
  if (path.startsWith("..") || !existsSync(join(repositoryRoot, path))) throw new Error(`${document}: no ${target}`);
  // A folder of documents has no page: it begins with the first of them in the same language.
  const inside = path.startsWith("docs/") ? documents.filter((other) => other.startsWith(`${path}/`)) : [];
  const first = inside.find((other) => isKorean(other) === isKorean(document)) ?? inside[0];
  if (first) return `/${pageOf(first)}`;
  return source && `${source}/${path}${hash}`;
}

const isKorean = (path: string) => path.endsWith(".ko.md");

/** Leads the links of documents, which are written for the repository, to the pages of the site. */
export function documentLinks(md: MarkdownRenderer): void {
  const documents = listDocuments();
  const sources = new Map(documents.map((path) => [pageOf(path), path]));
  const { repository } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
  const destinations = { documents, source: sourceAddress(repository) };
  md.core.ruler.push("document_links", (state) => {
    const document = sources.get(state.env.relativePath);
    if (document === undefined) return;
    for (const block of state.tokens)
      if (block.children)
        block.children = lead(block.children, (target) => destinationOf(document, target, destinations));
  });
}

function lead(tokens: Token[], destination: (target: string) => Destination): Token[] {
  let isDropped = false;
  return tokens.filter((token) => {
    // A picture of another host would be fetched from there: its words stay.
    if (token.type === "image" && /^https?:/i.test(token.attrGet("src") ?? "")) token.type = "text";
    if (token.type === "link_close" && isDropped) {
      isDropped = false;
      return false;
    }
    const href = token.type === "link_open" ? token.attrGet("href") : null;
    if (href === null) return true;
    const led = destination(decodeURI(href));
    isDropped = led === null;
    if (led !== null) token.attrSet("href", encodeURI(led));
    return led !== null;
  });
}
