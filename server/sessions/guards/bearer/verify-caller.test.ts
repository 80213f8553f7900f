import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { createTestDatabase } from "../../../../dev/postgres/test-database";
import { db } from "../../../db/client";
import { provideEnv } from "../../../settings/env";
import { type ProviderSettings, standardProvider } from "../../../settings/providers";
import { verifyCaller } from "./verify-caller";

let network = "";
vi.mock("../../../http/request-context", () => ({ getRequestContext: () => ({ network, requestId: "r" }) }));

const audience = "https://app.example/api/calls";
const most = 4;
let server: Server;
/** What the provider says of a token; of all others, that they are not active. */
const known = new Map<string, Record<string, unknown>>();
let asked: (string | null)[] = [];
let userId: string;

beforeAll(async () => {
  let issuer = "";
  server = createServer((request, response) => {
    const send = (body: unknown) =>
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (request.url?.includes("/.well-known/")) {
      const [authorization_endpoint, token_endpoint, jwks_uri, introspection_endpoint] = "auth token jwks introspect"
        .split(" ")
        .map((path) => `${issuer}/${path}`);
      return send({ issuer, authorization_endpoint, token_endpoint, jwks_uri, introspection_endpoint });
    }
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const token = new URLSearchParams(body).get("token");
      asked.push(token);
      send(known.get(token ?? "") ?? { active: false });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const company = {
    ...standardProvider,
    id: "company",
    clientId: "app",
    clientSecret: "secret",
    issuer,
    accessTokens: { requireTyp: true, introspection: true },
  } as unknown as ProviderSettings;
  provideEnv({
    databaseUrl: await createTestDatabase(inject("servers").postgresUrl),
    authUrl: "https://app.example",
    providers: [company],
    rateLimitPerMinute: most,
    allowHttpLoopback: true,
    outboundTimeoutMs: 10_000,
    clockToleranceSeconds: 30,
  });
  const accounts = ["minsu", "robot"].map((providerAccountId) => ({
    type: "oidc",
    provider: "company",
    providerAccountId,
    issuer,
    user: { create: { name: providerAccountId } },
  }));
  for (const data of accounts) {
    const { userId: id } = await db.account.create({ data });
    if (data.providerAccountId === "minsu") userId = id;
  }
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await db.$disconnect();
});
let networks = 0;
beforeEach(() => {
  networks += 1;
  network = `203.0.113.${networks}`;
  asked = [];
});

function genuine(token: string, claims: Record<string, unknown> = {}): string {
  const seconds = Math.floor(Date.now() / 1000);
  const said = { sub: "minsu", client_id: "phone", aud: [audience], token_type: "Bearer", exp: seconds + 300 };
  known.set(token, { active: true, ...said, ...claims });
  return token;
}

const request = { headers: new Headers(), method: "GET", path: "/api/calls" };
const verify = (token: string) => verifyCaller(request, { scheme: "Bearer", token }, { audience, users: "any" });

async function outcomes(tokens: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const token of tokens) {
    const verdict = await verify(token);
    found.push(verdict.kind === "failed" ? verdict.code : verdict.kind);
  }
  return found;
}

const numbered = (name: string, n: number) => Array.from({ length: n }, (_, at) => `${network}-${name}-${at}`);
const counted = async () =>
  (await db.rateLimit.findUnique({ where: { key: `bearer address ${network}` } }))?.count ?? 0;

describe("a token that the provider has to be asked about", () => {
  it("counts in no limit where it is genuine, however many come from one address", async () => {
    const tokens = numbered("genuine", 3 * most).map((token) => genuine(token));
    expect(await outcomes(tokens)).toEqual(tokens.map(() => "token"));
    expect([await counted(), asked.length]).toEqual([0, tokens.length]);
  });

  it("counts once where it is none, and past the limit the provider is asked about no more", async () => {
    const tokens = numbered("unknown", most + 3);
    expect(await outcomes(tokens)).toEqual(tokens.map((_, at) => (at < most ? "refused" : "rate_limited")));
    expect([await counted(), asked]).toEqual([most, tokens.slice(0, most)]);
    // What is genuine cannot be told from them without asking.
    expect(await outcomes([genuine(`${network}-late`)])).toEqual(["rate_limited"]);
    const events = await db.auditEvent.count({ where: { event: "rate.limited", reason: "rate_limited" } });
    expect(events).toBeGreaterThan(0);
  });

  it("passes up to the limit among others that do not", async () => {
    const [one = "", two = "", three = "", four = ""] = numbered("unknown", most);
    const tokens = [one, genuine(`${network}-a`), two, genuine(`${network}-b`), three, genuine(`${network}-c`), four];
    const expected = ["refused", "token", "refused", "token", "refused", "token", "refused"];
    expect(await outcomes(tokens)).toEqual(expected);
    expect(await counted()).toBe(most);
  });
});

describe("a token of a client that acts for itself", () => {
  it("is of no user, though one has the client's id for a `sub`", async () => {
    const own = await verify(genuine("own", { sub: "robot", client_id: "robot" }));
    expect(own).toMatchObject({ kind: "token", user: null, token: { subject: "robot", clientId: "robot" } });
    const users = await verify(genuine("users", { sub: "minsu", client_id: "robot" }));
    expect(users).toMatchObject({ kind: "token", user: { id: userId, name: "minsu" } });
  });

  it("is refused where the route wants known users", async () => {
    const token = genuine("for-known", { sub: "robot", client_id: "robot" });
    const verdict = await verifyCaller(request, { scheme: "Bearer", token }, { audience, users: "known" });
    expect(verdict).toEqual({ kind: "refused", error: "invalid_token" });
  });
});
