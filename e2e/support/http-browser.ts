import { request as httpRequest } from "node:http";

/** A browser without a window: a cookie jar, forms, and redirects one at a time. What it sends is what Chromium would. */
export interface Page {
  status: number;
  url: string;
  headers: Headers;
  body: string;
  /** The address of a redirect, resolved. */
  location: string | null;
}

interface StoredCookie {
  value: string;
  path: string;
}

interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  /** Sent URL-encoded. */
  form?: Record<string, string> | URLSearchParams;
  body?: string;
}

/** Which instance answers a request in place of the address that it is for, by its own address; null leaves it. */
export type Balancer = (url: URL) => string | null;

export class HttpBrowser {
  /** Cookies by host (without port, as browsers keep them) and name. */
  readonly #cookies = new Map<string, Map<string, StoredCookie>>();
  /** Every `Set-Cookie` that came, in order. */
  readonly setCookies: string[] = [];
  readonly #instanceFor: Balancer;

  /** @param instanceFor what stands between this browser and the app, as a load balancer would; nothing by default */
  constructor(instanceFor: Balancer = () => null) {
    this.#instanceFor = instanceFor;
  }

  /** One request as a navigation, without following anything. */
  async request(address: string, { method = "GET", headers = {}, form, body }: RequestOptions = {}): Promise<Page> {
    const url = new URL(address);
    const cookie = this.cookieHeader(url.href);
    const payload = form ? new URLSearchParams(form).toString() : body;
    const instance = this.#instanceFor(url);
    const response = await send(instance ? new URL(url.pathname + url.search, instance) : url, {
      method,
      headers: {
        Host: url.host,
        Accept: "text/html,application/xhtml+xml",
        "Sec-Fetch-Mode": "navigate",
        ...(cookie && { Cookie: cookie }),
        ...(method !== "GET" && method !== "HEAD" && { Origin: url.origin, "Sec-Fetch-Site": "same-origin" }),
        ...(form && { "Content-Type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      payload,
    });
    for (const line of response.headers.getSetCookie()) this.#store(url.hostname, line);
    const location = response.headers.get("location");
    return {
      status: response.status,
      url: url.href,
      headers: response.headers,
      body: response.body,
      location: location === null ? null : new URL(location, url).href,
    };
  }

  /** A fetch as a page's script would make it. */
  fetch(address: string, options: RequestOptions = {}): Promise<Page> {
    return this.request(address, {
      ...options,
      headers: { Accept: "application/json", "Sec-Fetch-Mode": "cors", ...options.headers },
    });
  }

  /** Loads a page and follows redirects while `goOn` allows, twenty at most. */
  async visit(
    address: string,
    options: RequestOptions = {},
    goOn: (url: string) => boolean = () => true,
  ): Promise<Page> {
    let page = await this.request(address, options);
    for (let hops = 0; hops < 20 && page.status >= 300 && page.status < 400 && page.location; hops += 1) {
      if (!goOn(page.location)) break;
      page = await this.request(page.location);
    }
    return page;
  }

  /** Sends the form that `selector` (an attribute, as `data-provider="company"`) marks on `page`, without following. */
  submit(page: Page, selector: string, extra: Record<string, string> = {}): Promise<Page> {
    const form = formOf(page, selector);
    return this.request(form.action, { method: "POST", form: { ...form.fields, ...extra } });
  }

  cookie(address: string, name: string): string | undefined {
    return this.#cookies.get(new URL(address).hostname)?.get(name)?.value;
  }

  cookieNames(address: string): string[] {
    return [...(this.#cookies.get(new URL(address).hostname)?.keys() ?? [])];
  }

  setCookie(address: string, name: string, value: string): void {
    const host = new URL(address).hostname;
    const jar = this.#cookies.get(host) ?? new Map<string, StoredCookie>();
    jar.set(name, { value, path: "/" });
    this.#cookies.set(host, jar);
  }

  cookieHeader(address: string): string {
    const { hostname, pathname } = new URL(address);
    return [...(this.#cookies.get(hostname) ?? [])]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
  }

  /** Another browser with the same cookies: what a thief of the jar has. */
  clone(instanceFor: Balancer = this.#instanceFor): HttpBrowser {
    const copy = new HttpBrowser(instanceFor);
    for (const [host, jar] of this.#cookies) copy.#cookies.set(host, new Map(jar));
    return copy;
  }

  #store(host: string, line: string): void {
    this.setCookies.push(line);
    const [pair = "", ...attributes] = line.split(";");
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    const read = (wanted: string) =>
      attributes.map((attribute) => attribute.trim().split("=")).find(([key]) => key?.toLowerCase() === wanted)?.[1];
    const jar = this.#cookies.get(host) ?? new Map<string, StoredCookie>();
    this.#cookies.set(host, jar);
    const expires = read("expires");
    const isGone = read("max-age") === "0" || (expires !== undefined && new Date(expires).getTime() <= Date.now());
    if (isGone) jar.delete(name);
    else jar.set(name, { value: pair.slice(at + 1).trim(), path: read("path") ?? "/" });
  }
}

/** By Node's own client: `fetch` overwrites the `Sec-Fetch-*` headers that tell a navigation from a fetch. */
function send(
  url: URL,
  { method, headers, payload }: { method: string; headers: Record<string, string>; payload: string | undefined },
): Promise<{ status: number; headers: Headers; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, signal: AbortSignal.timeout(60_000) }, (incoming) => {
      const received = new Headers();
      for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
        received.append(incoming.rawHeaders[at] ?? "", incoming.rawHeaders[at + 1] ?? "");
      }
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, headers: received, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

/** The form that `selector` (an attribute) marks on a page: where it leads, and its fields as they stand there. */
export function formOf(page: Page, selector: string): { action: string; fields: Record<string, string> } {
  const form = [...page.body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].find(([, tag]) => tag?.includes(selector));
  if (!form) throw new Error(`No form with ${selector} on ${page.url} (${page.status}).`);
  const fields = [...(form[2] ?? "").matchAll(/<input\b[^>]*>/g)].flatMap(([input]) => {
    // Nobody ticked it.
    if (/\btype="checkbox"/.test(input) && !/\bchecked\b/.test(input)) return [];
    const name = /\bname="([^"]*)"/.exec(input)?.[1];
    return name ? [[name, unescapeHtml(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? "")] as const] : [];
  });
  const action = unescapeHtml(/\baction="([^"]*)"/.exec(form[1] ?? "")?.[1] ?? "");
  return { action: new URL(action, page.url).href, fields: Object.fromEntries(fields) };
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
