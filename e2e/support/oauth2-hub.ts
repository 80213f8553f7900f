import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/*
 * An authorization server by OAuth 2.0 alone, in GitHub's manner and stricter than GitHub: it refuses whatever GitHub refuses, and
 * what GitHub merely ignores. Sources: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
 * https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api (User-Agent),
 * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens.
 */

interface HubRequest {
  path: string;
  query: URLSearchParams;
  form: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** Why it was refused; null where it was not. */
  refused: string | null;
}

interface Hub {
  origin: string;
  /** The one address that it sends back to. */
  redirectUri: string;
  /** Who signs in, as `/user` tells. */
  user: Record<string, unknown>;
  emails: unknown;
  /** Whether tokens end and are renewed, as those of a GitHub App, or last, as those of an OAuth App. */
  expires: boolean;
  /** Changes an answer before it is sent. */
  spoil: Partial<Record<string, (answer: HubAnswer) => HubAnswer>>;
  requests: HubRequest[];
  /** Puts everything back as it was. */
  reset(): void;
  close(): Promise<void>;
}

interface HubAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export const octocat = {
  login: "octocat",
  id: 583231,
  node_id: "MDQ6VXNlcjU4MzIzMQ==",
  avatar_url: "https://avatars.example/u/583231",
  name: "The Octocat",
  company: null,
  // What a user writes on their own page proves nothing.
  email: "somebody@else.example",
  created_at: "2011-01-25T18:44:36Z",
};

const emails = [
  { email: "unproven@company.example", primary: false, verified: false, visibility: null },
  { email: "second@company.example", primary: false, verified: true, visibility: null },
  { email: "Octocat@Company.example", primary: true, verified: true, visibility: "private" },
];

const knownScopes = new Set(["read:user", "user:email", "repo"]);

class Refusal extends Error {}
const refuse = (why: string): never => {
  throw new Refusal(why);
};

export async function startHub({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Promise<Hub> {
  const codes = new Map<string, { challenge: string | null; scope: string }>();
  const refreshTokens = new Set<string>();
  const accessTokens = new Map<string, string>();
  const token = (prefix: string) => `${prefix}_${randomBytes(18).toString("base64url")}`;
  const json = (body: unknown, status = 200): HubAnswer => ({
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  });

  function authorize({ query }: HubRequest): HubAnswer {
    for (const name of ["client_id", "redirect_uri", "state", "scope"])
      if (query.getAll(name).length !== 1) refuse(`${name} is missing or repeated`);
    const known = ["login", "response_type", "allow_signup", "prompt", "code_challenge", "code_challenge_method"];
    for (const name of query.keys())
      if (![...known, "client_id", "redirect_uri", "state", "scope"].includes(name)) refuse(`${name} is unknown`);
    if (query.get("client_id") !== clientId || query.get("redirect_uri") !== hub.redirectUri) refuse("the client");
    const scope = query.get("scope") ?? "";
    if (!scope.split(" ").every((word) => knownScopes.has(word))) refuse("a scope is unknown");
    const prompt = query.get("prompt");
    if (prompt !== null && prompt !== "select_account") refuse("the prompt is unknown");
    const challenge = query.get("code_challenge");
    if (challenge !== null && query.get("code_challenge_method") !== "S256") refuse("only S256 is known");
    const code = token("code");
    codes.set(code, { challenge, scope });
    const back = new URL(hub.redirectUri);
    back.search = new URLSearchParams({
      code,
      state: query.get("state") ?? "",
      iss: `${hub.origin}/login/oauth`,
    }).toString();
    return { status: 302, headers: { location: back.href }, body: "" };
  }

  function exchange({ form, headers }: HubRequest): HubAnswer {
    const said = (body: Record<string, string | number>): HubAnswer =>
      headers.accept?.includes("application/json")
        ? json(body)
        : {
            status: 200,
            headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
            body: new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)])).toString(),
          };
    if (headers.authorization) refuse("the client belongs into the body");
    if (form.get("client_id") !== clientId || form.get("client_secret") !== clientSecret)
      return said({ error: "incorrect_client_credentials" });
    let scope = "";
    if (form.get("grant_type") === "refresh_token") {
      if (!refreshTokens.delete(form.get("refresh_token") ?? "")) return said({ error: "bad_refresh_token" });
    } else {
      const code = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const verifier = form.get("code_verifier") ?? "";
      const isProven =
        code?.challenge === null || createHash("sha256").update(verifier).digest("base64url") === code?.challenge;
      if (!code || !isProven) return said({ error: "bad_verification_code" });
      if (form.get("redirect_uri") !== hub.redirectUri) return said({ error: "redirect_uri_mismatch" });
      scope = code.scope;
    }
    const accessToken = token("gho");
    accessTokens.set(accessToken, scope);
    const answer = { access_token: accessToken, scope: scope.replaceAll(" ", ","), token_type: "bearer" };
    if (!hub.expires) return said(answer);
    const refreshToken = token("ghr");
    refreshTokens.add(refreshToken);
    return said({ ...answer, expires_in: 28_800, refresh_token: refreshToken, refresh_token_expires_in: 15_897_600 });
  }

  function api({ path, headers }: HubRequest): HubAnswer {
    if (!headers["user-agent"]) refuse("there is no User-Agent");
    if (!/application\/(?:vnd\.github\+)?json/.test(headers.accept ?? "")) refuse("JSON is not accepted");
    const scope = accessTokens.get(headers.authorization?.replace("Bearer ", "") ?? "");
    if (scope === undefined) return json({ message: "Bad credentials" }, 401);
    if (path === "/user") return json(hub.user);
    return scope.split(" ").includes("user:email") || hub.expires
      ? json(hub.emails)
      : json({ message: "Not Found" }, 404);
  }

  const routes: Record<string, (request: HubRequest) => HubAnswer> = {
    "GET /login/oauth/authorize": authorize,
    "POST /login/oauth/access_token": exchange,
    "GET /user": api,
    "GET /user/emails": api,
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://hub");
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const request: HubRequest = {
      path: url.pathname,
      query: url.searchParams,
      form: new URLSearchParams(body),
      headers: incoming.headers,
      refused: null,
    };
    hub.requests.push(request);
    let answered: HubAnswer;
    try {
      answered = routes[`${incoming.method} ${url.pathname}`]?.(request) ?? json({ message: "Not Found" }, 404);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      request.refused = error.message;
      answered = json({ message: error.message }, 400);
    }
    const { status, headers, body: text } = hub.spoil[url.pathname]?.(answered) ?? answered;
    response.writeHead(status, headers).end(text);
  }

  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const hub: Hub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    redirectUri: "",
    user: octocat,
    emails,
    expires: false,
    spoil: {},
    requests: [],
    reset: () => void Object.assign(hub, { user: octocat, emails, expires: false, spoil: {}, requests: [] }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return hub;
}
