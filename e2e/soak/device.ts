import { hashSessionId } from "../../server/audit/audit";
import { HttpBrowser, type Page } from "../support/http-browser";
import { readSessionCookie, sessionCookieOf } from "./cookie";
import type { EventStream } from "./event-stream";
import type { Ending, Life } from "./history";
import { sha256 } from "./provider-facts";
import type { Random } from "./random";
import { type Recorded, record } from "./recorder";
import { type Account, pickInstance, type World } from "./world";

/** A browser of a user, with at most one session in it. */
export class Device {
  browser: HttpBrowser;
  /** The session that its cookie names, as far as this device knows. */
  life: Life | null = null;
  /** Whether it was told that its tokens are over, and has to sign in again to have any. */
  isWithoutTokens = false;
  readonly streams: EventStream[] = [];
  #instance = 0;

  constructor(
    readonly world: World,
    readonly account: Account,
    readonly random: Random,
  ) {
    this.browser = this.#openBrowser();
  }

  /** One request to the app, at either instance. `isGuarded`: whether a session decides about the answer. */
  async ask(
    what: string,
    send: (browser: HttpBrowser) => Promise<Page>,
    { isGuarded = true, instance = pickInstance(this.random) }: { isGuarded?: boolean; instance?: number } = {},
  ): Promise<Recorded> {
    const { life } = this;
    const session = isGuarded && life ? life.session : null;
    const answered = await record(this.world.history, { user: this.account.word, session, instance, what }, () => {
      this.#instance = instance;
      return send(this.browser);
    });
    // Where the session is over, this device has none. A token that cannot be had any more is another matter.
    if (answered.outcome === "refused" && this.life === life) {
      if (answered.code === "reauthentication_required") this.isWithoutTokens = true;
      else this.life = null;
    }
    return answered;
  }

  url(path: string): string {
    return `${this.world.app.url}${path}`;
  }

  /** Goes all the way through a sign-in, or as far as it gets. Answers whether there is a new session now. */
  async signIn(): Promise<boolean> {
    if (this.random.next() < 0.5) this.#forgetProvider();
    const open = { isGuarded: false };
    const shown = await this.ask(
      "GET /sign-in",
      (browser) => browser.request(this.url("/sign-in?returnTo=/account")),
      open,
    );
    const { page } = shown;
    if (!page || shown.status !== 200) return false;
    const started = await this.ask("POST sign-in", (browser) => browser.submit(page, 'data-provider="company"'), open);
    const location = started.outcome === "ok" ? started.page?.location : null;
    const back = location && (await this.#meetProvider(location).catch(() => null));
    return back ? this.#finishSignIn(back) : false;
  }

  async #finishSignIn(address: string): Promise<boolean> {
    const { app, history } = this.world;
    const former = await readSessionCookie(app, this.browser);
    const user = this.account.word;
    const sessions = former ? [hashSessionId(former.sid)] : [];
    const ending: Ending = { by: "next sign-in", user, sessions, begin: Date.now(), end: null };
    if (former) history.endings.push(ending);
    const answered = await this.ask("GET callback", (browser) => browser.request(address), { isGuarded: false });
    const opened = await readSessionCookie(app, this.browser);
    if (answered.outcome !== "ok" || !opened || opened.sid === former?.sid) return false;
    ending.end = answered.end;
    const { userId, sid } = opened;
    const grant = sha256(new URL(address).searchParams.get("code") ?? "");
    this.isWithoutTokens = false;
    this.life = { session: hashSessionId(sid), user, userId, grant, began: answered.end };
    history.lives.push(this.life);
    return true;
  }

  /** Where the provider sends this browser back to, or null where it does not get so far. */
  async #meetProvider(address: string): Promise<string | null> {
    const staysThere = (url: string) => !url.startsWith(this.world.app.url);
    let page = await this.browser.visit(address, {}, staysThere);
    if (page.status === 200) {
      page = await this.browser.submit(page, `data-person="${this.account.word}"`);
      const { location } = page;
      if (location && staysThere(location)) page = await this.browser.visit(location, {}, staysThere);
    }
    return page.location && !staysThere(page.location) ? page.location : null;
  }

  /** From now on a browser that the provider does not know. The session's cookie stays. */
  #forgetProvider(): void {
    const cookie = sessionCookieOf(this.world.app, this.browser);
    this.browser = this.#openBrowser();
    if (cookie) this.browser.setCookie(this.world.app.url, cookie.name, cookie.value);
  }

  #openBrowser(): HttpBrowser {
    const { app, instances } = this.world;
    return new HttpBrowser((url) => (url.origin === app.url ? (instances[this.#instance]?.url ?? null) : null));
  }
}
