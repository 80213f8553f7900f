import type { KoaContextWithOIDC } from "oidc-provider";
import { html } from "./html";
import { pageHeaders, renderPage } from "./layout";
import { languageOf, words } from "./words";

/** What somebody reads when a request is wrong in a way that must not be sent back to the application. */
export function errorPage(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string | undefined },
): void {
  const language = languageOf(ctx.query.ui_locales, ctx.get("accept-language"));
  const text = words[language];
  ctx.set(pageHeaders());
  ctx.body = renderPage({
    language,
    title: text.errorTitle,
    main: html`<h1>${text.errorTitle}</h1>
      <p>${text.errorText}</p>
      <p><code>${out.error}${out.error_description && `: ${out.error_description}`}</code></p>`,
  });
}

/** What somebody reads who comes back to a sign-in that is over. */
export function expiredPage(acceptLanguage: string | undefined): string {
  const language = languageOf(undefined, acceptLanguage);
  const text = words[language];
  return renderPage({
    language,
    title: text.expiredTitle,
    main: html`<h1>${text.expiredTitle}</h1><p>${text.expiredText}</p>`,
  });
}
