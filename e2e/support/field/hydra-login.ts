import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Hydra } from "./hydra";

interface LoginRequest {
  skip: boolean;
  subject: string;
}

interface ConsentRequest extends LoginRequest {
  requested_scope: string[];
  requested_access_token_audience: string[];
}

/**
 * The login and consent app that every Hydra needs: a form that takes a name without a password, consent without a
 * question, and a sign-out without one.
 *
 * Source: https://www.ory.com/docs/hydra/guides/login, /consent and /logout.
 */
export async function openLoginApp(ask: Hydra["ask"], users: Hydra["users"]) {
  const go = async (response: ServerResponse, path: string, body: unknown) => {
    const { redirect_to } = await ask<{ redirect_to: string }>("PUT", path, body);
    response.writeHead(303, { Location: redirect_to }).end();
  };
  const acceptLogin = (response: ServerResponse, challenge: string, subject: string) =>
    go(response, `/oauth2/auth/requests/login/accept?login_challenge=${challenge}`, {
      subject,
      remember: true,
      remember_for: 3600,
      acr: "1",
    });

  const pages: Record<string, (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => unknown> =
    {
      "/login": async (request, response, query) => {
        const challenge = query.get("login_challenge") ?? "";
        if (request.method === "POST") {
          const name = new URLSearchParams(await text(request)).get("username") ?? "";
          return acceptLogin(response, challenge, name);
        }
        const asked = await ask<LoginRequest>("GET", `/oauth2/auth/requests/login?login_challenge=${challenge}`);
        if (asked.skip) return acceptLogin(response, challenge, asked.subject);
        const form = `<form id="login" method="post" action=""><input id="username" name="username"><button>Sign in</button></form>`;
        response.writeHead(200, { "Content-Type": "text/html" }).end(`<!doctype html><title>Sign in</title>${form}`);
      },
      "/consent": async (_, response, query) => {
        const path = `/oauth2/auth/requests/consent`;
        const challenge = `consent_challenge=${query.get("consent_challenge")}`;
        const asked = await ask<ConsentRequest>("GET", `${path}?${challenge}`);
        await go(response, `${path}/accept?${challenge}`, {
          grant_scope: asked.requested_scope,
          grant_access_token_audience: asked.requested_access_token_audience,
          session: { id_token: users.get(asked.subject) ?? {} },
        });
      },
      "/logout": (_, response, query) =>
        go(response, `/oauth2/auth/requests/logout/accept?logout_challenge=${query.get("logout_challenge")}`, {}),
    };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const page = pages[pathname];
    if (!page) return void response.writeHead(404).end();
    Promise.resolve(page(request, response, searchParams)).catch((error: unknown) => {
      response.writeHead(500, { "Content-Type": "text/plain" }).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
