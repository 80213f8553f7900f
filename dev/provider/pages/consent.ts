import type { LocalName } from "../issuer-state";
import { html } from "./html";
import { renderPage } from "./layout";
import { type Language, words } from "./words";

/** Asks whether a client may have what it asks for. */
export function consentPage(page: {
  language: Language;
  issuerName: LocalName;
  clientName: string;
  path: string;
  scopes: readonly string[];
}): string {
  const text = words[page.language];
  const title = text.consentTitle(page.clientName);
  return renderPage({
    language: page.language,
    title,
    main: html`
      <h1>${title}</h1>
      <p>${text.consentText(page.issuerName[page.language])}</p>
      <ul>${page.scopes.map((scope) => html`<li>${scope}</li>`)}</ul>
      <form method="post" action="${page.path}/consent" data-form="consent">
        <button class="button" type="submit">${text.consentYes}</button>
      </form>
      <form method="post" action="${page.path}/cancel" data-form="cancel"><button class="link" type="submit">${text.cancel}</button></form>`,
  });
}
