import type { LocalName } from "../issuer-state";
import { pictureUrl } from "../picture";
import type { User } from "../user";
import { type Html, html } from "./html";
import { renderPage } from "./layout";
import { type Language, words } from "./words";

export interface SignInPage {
  language: Language;
  issuer: string;
  issuerName: LocalName;
  clientName: string;
  /** The path of this interaction, to which all forms post. */
  path: string;
  users: readonly User[];
  /** Whom the application suggests (`login_hint`), as it wrote it. */
  loginHint: string;
  suggested: User | undefined;
  signedIn: User | undefined;
  stepUp: boolean;
  /** What somebody typed before, when login and password did not fit. */
  rejectedLogin?: string;
}

/** The sign-in page: everybody as a button, and a form for login and password. */
export function signInPage(page: SignInPage): string {
  const text = words[page.language];
  const rejected = page.rejectedLogin !== undefined;
  const login = page.rejectedLogin ?? page.suggested?.login ?? page.loginHint;
  const first = page.suggested ?? page.signedIn;
  const users = first ? [first, ...page.users.filter((user) => user !== first)] : page.users;
  const title = text.signInTo(page.issuerName[page.language]);
  return renderPage({
    language: page.language,
    title,
    main: html`
      <h1>${title}</h1>
      <p class="quiet">${text.toContinue(page.clientName)}</p>
      ${page.stepUp && html`<p class="quiet">${text.stepUp}</p>`}
      <h2 id="people">${text.chooseUser}</h2>
      <ul class="people" aria-labelledby="people">${users.map((user) => userForm(page, user))}</ul>
      <h2 id="password-form">${text.orPassword}</h2>
      <form method="post" action="${page.path}/login" aria-labelledby="password-form" data-form="password">
        ${rejected && html`<p class="alert" role="alert" id="login-problem">${text.wrongPassword}</p>`}
        <div class="field">
          <label for="login">${text.login}</label>
          <input id="login" name="login" value="${login}" autocomplete="username" autocapitalize="none" spellcheck="false" required ${invalid(rejected)}>
        </div>
        <div class="field">
          <label for="password">${text.password}</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required ${invalid(rejected)}>
        </div>
        <button class="button" type="submit">${text.signIn}</button>
      </form>
      <div class="links">
        <a href="${page.path}/create" data-link="create">${text.createLink}</a>
        <form method="post" action="${page.path}/cancel" data-form="cancel"><button class="link" type="submit">${text.cancel}</button></form>
      </div>
      <p class="hint">${text.demoNote}</p>`,
  });
}

function userForm(page: SignInPage, user: User): Html {
  const text = words[page.language];
  const badge = user === page.signedIn ? text.signedInNow : user === page.suggested ? text.suggested : null;
  const about = user.about?.[page.language] ?? user.email ?? user.login;
  return html`
    <li><form method="post" action="${page.path}/login" data-person="${user.sub}">
      <input type="hidden" name="person" value="${user.sub}">
      <button class="${badge ? "person marked" : "person"}" type="submit">
        ${avatar(page.issuer, user)}
        <span class="who"><span>${user.name ?? user.login}</span><span class="quiet">${about}</span></span>
        ${badge && html`<span class="badge">${badge}</span>`}
      </button>
    </form></li>`;
}

function avatar(issuer: string, user: User): Html {
  if (user.picture !== undefined) {
    const source = user.picture === true ? pictureUrl(issuer, user.sub) : user.picture;
    return html`<img src="${source}" alt="" width="40" height="40">`;
  }
  const initial = [...(user.name ?? user.login)][0]?.toUpperCase() ?? "?";
  return html`<span class="initials" aria-hidden="true">${initial}</span>`;
}

function invalid(rejected: boolean): Html | false {
  return rejected && html`aria-invalid="true" aria-describedby="login-problem"`;
}
