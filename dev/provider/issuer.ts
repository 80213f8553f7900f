import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { createListener } from "./http/front-server";
import { answerInside, type PreparedResponse, type ReceivedRequest } from "./http/inner";
import { handleInteraction } from "./interactions";
import type { IssuerState } from "./issuer-state";
import { stylesheet } from "./pages/style";
import { drawPicture } from "./picture";
import { createProvider } from "./provider";
import { routes } from "./routes";
import { addSignOut, confirmPath, continueHeader } from "./sign-out";

/** One issuer: its state, its pages, and the provider that speaks the protocol. */
export class Issuer {
  #provider: Provider;
  /** Answers HTTP requests. */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void;

  constructor(readonly state: IssuerState) {
    this.#provider = this.#build();
    this.listener = createListener(state, (received) => this.#answer(received));
  }

  /** Signs with a new key from now on. Codes, sessions and grants live on: the store is the same. */
  async rotateKeys(keepOld: boolean): Promise<string> {
    const { kid } = await this.state.keys.rotate(keepOld);
    this.#provider = this.#build();
    return kid;
  }

  #build(): Provider {
    const provider = createProvider(this.state);
    addSignOut(provider, this.state);
    return provider;
  }

  async #answer(received: ReceivedRequest): Promise<PreparedResponse> {
    let answer = await answerInside((request, response) => this.#route(request, response, received), received);
    // At most two steps: ending the former person's session leads back to a sign-in that needs no third.
    for (let step = 0; step < 2 && answer.headers[continueHeader] !== undefined; step += 1) {
      answer = await this.#continueSignOut(received, answer);
    }
    return answer;
  }

  #route(request: IncomingMessage, response: ServerResponse, received: ReceivedRequest): void | Promise<void> {
    const { pathname } = new URL(received.url, this.state.issuer);
    if (pathname === routes.stylesheet) return sendAsset(response, "text/css; charset=utf-8", Buffer.from(stylesheet));
    if (pathname.startsWith(`${routes.pictures}/`)) {
      const sub = decodeURIComponent(pathname.slice(routes.pictures.length + 1).replace(/\.png$/, ""));
      return sendAsset(response, "image/png", drawPicture(sub));
    }
    if (pathname.startsWith(`${routes.interaction}/`)) {
      const form = new URLSearchParams(received.body.toString("utf8"));
      return handleInteraction(this.state, this.#provider, request, response, form);
    }
    return this.#provider.callback()(request, response);
  }

  // Posts the confirmation that the library wanted the browser to post, with the cookies it would have had by then.
  async #continueSignOut(received: ReceivedRequest, before: PreparedResponse): Promise<PreparedResponse> {
    const cookies = setCookies(before);
    const after = await answerInside((request, response) => this.#provider.callback()(request, response), {
      method: "POST",
      url: confirmPath,
      headers: {
        ...received.headers,
        "content-type": "application/x-www-form-urlencoded",
        cookie: mergeCookies(received.headers.cookie, cookies),
      },
      body: Buffer.from(
        new URLSearchParams({ xsrf: String(before.headers[continueHeader]), logout: "yes" }).toString(),
      ),
    });
    return { ...after, headers: { ...after.headers, "set-cookie": [...cookies, ...setCookies(after)] } };
  }
}

function setCookies({ headers }: PreparedResponse): string[] {
  const value = headers["set-cookie"];
  return value === undefined ? [] : [value].flat().map(String);
}

function mergeCookies(sent: string | undefined, set: readonly string[]): string {
  const pairs = [...(sent?.split(/; */) ?? []), ...set.map((cookie) => cookie.split(";", 1)[0] ?? "")];
  return [...new Map(pairs.map((pair) => [pair.split("=", 1)[0], pair])).values()].join("; ");
}

function sendAsset(response: ServerResponse, contentType: string, body: Buffer): void {
  response.setHeader("content-type", contentType);
  response.setHeader("cache-control", "max-age=3600");
  response.setHeader("x-content-type-options", "nosniff");
  response.end(body);
}
