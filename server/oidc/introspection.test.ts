import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { provideEnv } from "../settings/env";
import { type ProviderSettings, standardProvider } from "../settings/providers";
import type { OidcError } from "./errors";
import { introspectAccessToken, isIntrospected } from "./introspection";

provideEnv({ allowHttpLoopback: true, outboundTimeoutMs: 700, clockToleranceSeconds: 30, idTokenMaxAgeSeconds: 300 });

const audience = "https://app.example/api/reports";
let server: Server;
let base: string;
let answer: { status?: number; body: unknown; afterMs?: number };
let asked: { authorization: string | undefined; body: URLSearchParams }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (request.url?.includes("/.well-known/")) {
      const issuer = base + request.url.replace("/.well-known/openid-configuration", "");
      const [authorization_endpoint, token_endpoint, jwks_uri] = ["auth", "token", "jwks"].map(
        (path) => `${base}/${path}`,
      );
      const introspection_endpoint = `${base}/introspect`;
      return send(200, { issuer, authorization_endpoint, token_endpoint, jwks_uri, introspection_endpoint });
    }
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      asked.push({ authorization: request.headers.authorization, body: new URLSearchParams(body) });
      setTimeout(() => send(answer.status ?? 200, answer.body), answer.afterMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let provider: ProviderSettings;
let providers = 0;
const seconds = () => Math.floor(Date.now() / 1000);
const active = () => ({
  active: true,
  aud: [audience],
  sub: "minsu",
  client_id: "robot",
  scope: "reports:read",
  token_type: "Bearer",
  iat: seconds() - 5,
  exp: seconds() + 300,
});
beforeEach(() => {
  vi.useRealTimers();
  providers += 1;
  provider = {
    ...standardProvider,
    id: `provider-${providers}`,
    clientId: "app",
    clientSecret: "secret",
    issuer: `${base}/${providers}`,
    accessTokens: { requireTyp: true, introspection: true },
  } as unknown as ProviderSettings;
  answer = { body: active() };
  asked = [];
});

const introspect = (token = "opaque") => introspectAccessToken(token, provider, audience);

async function faultOf(body: unknown, status = 200, afterMs = 0): Promise<string> {
  answer = { status, body, afterMs };
  try {
    await introspect();
    return "taken";
  } catch (error) {
    const { code, detail } = error as OidcError;
    return `${code} ${detail}`;
  }
}

describe("a token that says nothing itself", () => {
  it("is what its provider says that it is, asked by this app's own client", async () => {
    expect(await introspect()).toMatchObject({
      issuer: provider.issuer,
      subject: "minsu",
      clientId: "robot",
      scopes: ["reports:read"],
      boundTo: null,
    });
    expect(asked[0]?.authorization).toBe(`Basic ${btoa("app:secret")}`);
    expect(Object.fromEntries(asked[0]?.body ?? [])).toEqual({ token: "opaque", token_type_hint: "access_token" });
  });

  it("costs one request, however many bring it at once, and none again within half a minute", async () => {
    expect(isIntrospected(provider, "opaque")).toBe(false);
    await Promise.all(Array.from({ length: 20 }, () => introspect()));
    expect(isIntrospected(provider, "opaque")).toBe(true);
    await introspect();
    expect(asked).toHaveLength(1);
    await introspect("another");
    expect(asked).toHaveLength(2);
  });

  it("is asked about once more after half a minute, and is not kept past its end", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    answer.body = { ...active(), exp: seconds() + 300 };
    await introspect();
    vi.setSystemTime(Date.now() + 31_000);
    await introspect();
    expect(asked).toHaveLength(2);
    answer.body = { ...active(), exp: seconds() + 10 };
    await introspect("short");
    vi.setSystemTime(Date.now() + 11_000);
    answer.body = { active: false };
    await expect(introspect("short")).rejects.toThrow("inactive");
  });

  it.each<[what: string, change: Record<string, unknown>, fault: string]>([
    ["is not active", { active: false }, "invalid_request inactive"],
    ["is active in words alone", { active: "true" }, "invalid_request inactive"],
    ["is for another API", { aud: "https://other.example" }, "invalid_request aud"],
    ["is for anything", { aud: undefined }, "invalid_request aud"],
    ["is of another issuer", { iss: "https://evil.example" }, "invalid_request iss"],
    ["names nobody", { sub: undefined }, "invalid_request sub"],
    ["has no end", { exp: undefined }, "invalid_request exp"],
    ["is over", { exp: 1_000_000 }, "invalid_request exp"],
    ["is not valid yet", { nbf: 9_000_000_000 }, "clock_skew nbf"],
    ["is a refresh token", { token_type: "refresh_token" }, "invalid_request token_type"],
    ["is a refresh token in Hydra's words", { token_use: "refresh_token" }, "invalid_request token_type"],
    ["is of no type", { token_type: undefined }, "invalid_request token_type"],
  ])("is refused where it %s", async (_, change, fault) => {
    expect(await faultOf({ ...active(), ...change })).toBe(fault);
  });

  it("is not judged while the provider is away, slow, says no to this client, or too much", async () => {
    expect(await faultOf({}, 503)).toBe("provider_unavailable status_503");
    expect(await faultOf({ ...active(), much: "x".repeat(600_000) })).toBe("invalid_response size");
    expect(await faultOf(active(), 200, 1_500)).toBe("provider_timeout deadline");
    expect(await faultOf({ error: "invalid_client" }, 401)).toBe("provider_misconfigured invalid_client");
    // None of these is kept.
    expect(await faultOf(active())).toBe("taken");
  });
});
