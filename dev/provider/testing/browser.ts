/**
 * A browser without JavaScript and without pictures, for tests that need none: it keeps cookies as browsers do (by host
 * and path, blind to ports), follows redirects and fills in forms.
 */
export class Browser {
  #cookies: { host: string; path: string; name: string; value: string }[] = [];

  constructor(private readonly headers: Record<string, string> = {}) {}

  /**
   * Opens an address and follows redirects. Stops before an address that begins with `stopBefore`, which need not
   * answer: its parameters are what a test wants to see.
   */
  async open(address: string, { stopBefore }: { stopBefore?: string } = {}): Promise<Visit> {
    return this.#go(new URL(address), "GET", undefined, stopBefore);
  }

  /** Submits the form of a page whose tag contains `marker`, such as `data-person="minsu"`. */
  async submit(
    visit: Visit,
    marker: string,
    fields: Record<string, string> = {},
    { stopBefore }: { stopBefore?: string } = {},
  ): Promise<Visit> {
    const form = [...visit.body.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].find(([, tag]) => tag?.includes(marker));
    if (!form) throw new Error(`${visit.url} has no form with ${marker}:\n${visit.body}`);
    const [, tag = "", inside = ""] = form;
    const values = new URLSearchParams();
    for (const [input] of inside.matchAll(/<input[^>]*>/g)) {
      const name = attribute(input, "name");
      if (name) values.set(name, attribute(input, "value") ?? "");
    }
    for (const [name, value] of Object.entries(fields)) values.set(name, value);
    return this.#go(new URL(attribute(tag, "action") ?? "", visit.url), "POST", values, stopBefore);
  }

  /** The cookies that would be sent to an address. */
  cookiesFor(url: URL): string {
    return this.#cookies
      .filter(
        ({ host, path }) => host === url.hostname && (url.pathname === path || url.pathname.startsWith(below(path))),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  async #go(first: URL, method: string, form?: URLSearchParams, stopBefore?: string): Promise<Visit> {
    let url = first;
    let body = form;
    for (let hop = 0; hop < 20; hop += 1) {
      if (stopBefore !== undefined && url.href.startsWith(stopBefore))
        return { url, status: 0, headers: new Headers(), body: "" };
      const response = await fetch(url, {
        method: body ? method : "GET",
        redirect: "manual",
        headers: { accept: "text/html", ...this.headers, cookie: this.cookiesFor(url) },
        ...(body ? { body } : {}),
      });
      for (const cookie of response.headers.getSetCookie()) this.#keep(url, cookie);
      const location = response.headers.get("location");
      if (location === null || response.status < 300 || response.status > 399) {
        return { url, status: response.status, headers: response.headers, body: await response.text() };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error(`${first} redirects without end`);
  }

  #keep(url: URL, cookie: string): void {
    const [pair = "", ...attributes] = cookie.split(/; */);
    const name = pair.split("=", 1)[0] ?? "";
    const value = pair.slice(name.length + 1);
    const option = (key: string) =>
      attributes.find((text) => text.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = option("path") ?? "/";
    const expires = option("expires");
    this.#cookies = this.#cookies.filter(
      (kept) => !(kept.host === url.hostname && kept.path === path && kept.name === name),
    );
    if (expires !== undefined && Date.parse(expires) <= Date.now()) return;
    this.#cookies.push({ host: url.hostname, path, name, value });
  }
}

/** Where the browser ended up. `status` is 0 where it stopped before asking. */
export interface Visit {
  url: URL;
  status: number;
  headers: Headers;
  body: string;
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)));
}

function below(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}
