import type { LocalName } from "../issuer-state";
import { html } from "./html";
import { renderPage } from "./layout";
import { type Language, words } from "./words";

/** Asks whether to sign out; shown when nobody proved who is to be signed out. */
export function signOutPage(page: {
  language: Language;
  issuerName: LocalName;
  action: string;
  secret: string;
}): string {
  const text = words[page.language];
  return renderPage({
    language: page.language,
    title: text.signOutTitle,
    main: html`
      <h1>${text.signOutTitle}</h1>
      <p>${text.signOutText(page.issuerName[page.language])}</p>
      <form method="post" action="${page.action}" data-form="sign-out">
        <input type="hidden" name="xsrf" value="${page.secret}">
        <button class="button" type="submit" name="logout" value="yes">${text.signOutYes}</button>
        <button class="button plain" type="submit">${text.signOutNo}</button>
      </form>`,
  });
}

/** Says that it is done; shown when the application gave no address to return to. */
export function signedOutPage(language: Language): string {
  const text = words[language];
  return renderPage({
    language,
    title: text.signedOutTitle,
    main: html`<h1>${text.signedOutTitle}</h1><p>${text.signedOutText}</p>`,
  });
}

/**
 * Loads every application's front-channel logout URI in a hidden frame (OpenID Connect Front-Channel Logout 1.0 §2),
 * then goes on. Without JavaScript the frames still load and a link goes on.
 */
export function frontChannelPage(page: {
  language: Language;
  frames: readonly string[];
  next: string;
  nonce: string;
}): string {
  const text = words[page.language];
  return renderPage({
    language: page.language,
    title: text.signingOutTitle,
    main: html`
      <h1>${text.signingOutTitle}</h1>
      <p>${text.signingOutText}</p>
      ${page.frames.map((source) => html`<iframe src="${source}" title="" aria-hidden="true"></iframe>`)}
      <a class="button" id="next" href="${page.next}">${text.continue}</a>`,
    script: {
      nonce: page.nonce,
      code: html`
      const go = () => location.replace(document.getElementById("next").href);
      addEventListener("load", go);
      setTimeout(go, 3000);`,
    },
  });
}
