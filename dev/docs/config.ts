import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig, type MarkdownRenderer } from "vitepress";
import { koreanLabels, koreanSearch } from "./korean";
import { documentLinks } from "./links";
import { sidebarFor } from "./sidebar";

/** The fragment that GitHub gives to a heading: documents link to those. */
const slugify = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

/** Documents are text: nothing in them is HTML, a component of Vue, or an expression to evaluate. */
function plainText(md: MarkdownRenderer): void {
  md.disable(["html_block", "html_inline", "emoji"]);
  for (const rule of ["text", "code_inline"]) {
    const render = md.renderer.rules[rule];
    md.renderer.rules[rule] = (...args) => (render?.(...args) ?? "").replaceAll("{{", "&#123;&#123;");
  }
}

const theme = (language: "en" | "ko"): DefaultTheme.Config => ({
  sidebar: sidebarFor(language),
  outline: { level: [2, 3] },
});

/** The generated site of all documents: see `npm run docs`. */
export default defineConfig({
  title: "Daemun",
  description: "A complete sign-in for Next.js",
  locales: {
    root: { label: "English", lang: "en", themeConfig: theme("en") },
    ko: {
      label: "한국어",
      lang: "ko",
      description: "Next.js 앱의 로그인을 모두 맡는 프로젝트",
      themeConfig: { ...theme("ko"), ...koreanLabels },
    },
  },
  themeConfig: {
    // Some documents are in English alone. A page that has another names it in its first line.
    i18nRouting: false,
    search: { provider: "local", options: { locales: { ko: { translations: koreanSearch } } } },
  },
  ignoreDeadLinks: "localhostLinks",
  markdown: {
    anchor: { slugify },
    attrs: { disable: true },
    config: (md) => {
      plainText(md);
      documentLinks(md);
    },
  },
  vite: {
    // What the app above has is not for this site: its public files, its environment, its style sheets.
    publicDir: false,
    envDir: fileURLToPath(new URL(".", import.meta.url)),
    css: { postcss: {} },
    build: { chunkSizeWarningLimit: 2_000 },
  },
});
