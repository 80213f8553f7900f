import { routes } from "../routes";
import { type Html, html } from "./html";
import type { Language } from "./words";

export interface Page {
  language: Language;
  title: string;
  main: Html;
  /** An inline script, allowed by its nonce. No page needs one to work. */
  script?: { nonce: string; code: Html };
}

/** A whole page. The style sheet is a file, so that the pages need no inline style. */
export function renderPage({ language, title, main, script }: Page): string {
  return `<!doctype html>\n${html`<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${routes.stylesheet}">
  </head>
  <body>
    <main>${main}</main>
    ${script && html`<script nonce="${script.nonce}">${script.code}</script>`}
  </body>
</html>`}`;
}

/**
 * Headers of every page. There is no form-action in the policy on purpose: Chrome applies it to the redirects that
 * follow a form as well, and the last of those leads to the application.
 */
export function pageHeaders(nonce?: string): Record<string, string> {
  const script = nonce ? `script-src 'nonce-${nonce}'; frame-src http: https:;` : "";
  return {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; style-src 'self'; img-src 'self' data: https:; ${script} base-uri 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}
