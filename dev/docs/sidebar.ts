import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { DefaultTheme } from "vitepress";
import { addressOf, listDocuments, repositoryRoot, titleOf } from "./pages";

const link = /\[([^\]]+)\]\(([^)\s#]+)\)/g;

/** Documents of one language, and those in English that it does not have. */
function documentsFor(korean: boolean): string[] {
  const all = listDocuments();
  const koreanOf = (path: string) => path.replace(/\.md$/, ".ko.md");
  const english = all.filter((path) => !path.endsWith(".ko.md"));
  return korean ? english.map((path) => (all.includes(koreanOf(path)) ? koreanOf(path) : path)) : english;
}

/**
 * The sidebar of a language: its README, then what the README's last section lists, in that order. What lies in a folder
 * beside a document is below it (`docs/deploying/` below `docs/deploying.md`), what no list names is at the end.
 */
export function sidebarFor(language: "en" | "ko"): DefaultTheme.SidebarItem[] {
  const readme = language === "ko" ? "README.ko.md" : "README.md";
  const rest = new Set(documentsFor(language === "ko"));
  const take = (path: string, text = titleOf(path)): DefaultTheme.SidebarItem => {
    rest.delete(path);
    return { text, link: addressOf(path) };
  };
  const takeBelow = (folder: string) =>
    [...rest].filter((path) => path.startsWith(`${folder}/`)).map((path) => take(path));

  const items = [take(readme)];
  const list = readFileSync(join(repositoryRoot, readme), "utf8").split(/^## /m).at(-1) ?? "";
  const entries = [...list.matchAll(link)].map(([, text = "", target = ""]) => ({
    text: text.charAt(0).toUpperCase() + text.slice(1),
    path: posix.normalize(target),
  }));
  // Taken first: a list names some of what is below another of its documents.
  const named = entries.map((entry) => ({
    ...entry,
    item: rest.has(entry.path) ? take(entry.path, entry.text) : null,
  }));
  for (const { text, path, item } of named) {
    const below = takeBelow(path.replace(/(?:\.ko)?\.md$/, ""));
    if (below.length > 0) items.push({ ...(item ?? { text }), collapsed: true, items: below });
    else if (item) items.push(item);
  }
  const more = [...rest].map((path) => take(path));
  return more.length > 0 ? [...items, { text: language === "ko" ? "그 밖에" : "More", items: more }] : items;
}
