import type { LocalName } from "../issuer-state";
import { type Html, html } from "./html";
import { renderPage } from "./layout";
import { type Language, words } from "./words";

export const accountFields = ["name", "email", "login", "password"] as const;
export type AccountField = (typeof accountFields)[number];

export interface CreateAccountPage {
  language: Language;
  issuerName: LocalName;
  clientName: string;
  path: string;
  values: Partial<Record<AccountField, string>>;
  /** What is wrong with a field, in the page's language. */
  problems: Partial<Record<AccountField, string>>;
}

const inputs: Record<AccountField, { type: string; autocomplete: string }> = {
  name: { type: "text", autocomplete: "name" },
  email: { type: "email", autocomplete: "email" },
  login: { type: "text", autocomplete: "username" },
  password: { type: "password", autocomplete: "new-password" },
};

/** The registration page. */
export function createAccountPage(page: CreateAccountPage): string {
  const text = words[page.language];
  const title = `${text.createTitle} · ${page.issuerName[page.language]}`;
  return renderPage({
    language: page.language,
    title,
    main: html`
      <h1>${title}</h1>
      <p class="quiet">${text.toContinue(page.clientName)}</p>
      <form method="post" action="${page.path}/create" data-form="create" novalidate>
        ${Object.keys(page.problems).length > 0 && html`<p class="alert" role="alert">${text.pleaseCorrect}</p>`}
        ${accountFields.map((field) => fieldOf(page, field))}
        <button class="button" type="submit">${text.createButton}</button>
      </form>
      <div class="links">
        <a href="${page.path}/login">${text.backToSignIn}</a>
        <form method="post" action="${page.path}/cancel" data-form="cancel"><button class="link" type="submit">${text.cancel}</button></form>
      </div>`,
  });
}

function fieldOf(page: CreateAccountPage, field: AccountField): Html {
  const text = words[page.language];
  const problem = page.problems[field];
  const hint = field === "password" ? text.passwordHint : field === "login" ? text.loginHint : undefined;
  const describedBy = [hint && `${field}-hint`, problem && `${field}-problem`].filter(Boolean).join(" ");
  return html`
    <div class="field">
      <label for="${field}">${text[field]}</label>
      ${hint && html`<p class="hint" id="${field}-hint">${hint}</p>`}
      <input id="${field}" name="${field}" type="${inputs[field].type}" autocomplete="${inputs[field].autocomplete}"
        value="${field === "password" ? "" : (page.values[field] ?? "")}" required
        ${problem && html`aria-invalid="true"`} ${describedBy && html`aria-describedby="${describedBy}"`}>
      ${problem && html`<p class="problem" id="${field}-problem">${problem}</p>`}
    </div>`;
}
