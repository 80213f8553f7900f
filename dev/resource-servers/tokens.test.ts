import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Behind, startBehind, type TokenOptions } from "./testing/behind";

let behind: Behind;
beforeAll(async () => {
  behind = await startBehind();
});
afterAll(() => behind.stop());
afterEach(async () => {
  await behind.control.reset("company");
  await behind.services.store.control.reset();
});

const orders = async (options: TokenOptions) => behind.call("shopping", "/orders", await behind.shoppingToken(options));

/** What a refusal says in the form of RFC 6750 §3. */
async function refusal(response: Response) {
  const body = await response.json();
  return { status: response.status, challenge: response.headers.get("www-authenticate"), body };
}

const inAMinute = () => Math.floor(Date.now() / 1000) + 60;

describe("a resource server", () => {
  it("lets somebody in with a token of either provider", async () => {
    for (const issuer of ["company", "partner"] as const) expect((await orders({ issuer })).status).toBe(200);
  });

  it.each<[string, TokenOptions]>([
    ["for another API", { claims: { aud: "https://store.example/api" } }],
    ["for userinfo", { claims: { aud: undefined } }],
    ["for an organization alone", { claims: { aud: "urn:logto:organization:org_hanok" } }],
    ["of an issuer that it does not know", { claims: { iss: "https://evil.example" } }],
    ["without an issuer", { claims: { iss: undefined } }],
    ["of one issuer in the name of another", { issuer: "partner", claims: { iss: "company" } }],
    ["that has expired", { claims: { exp: inAMinute() - 61 } }],
    ["that never expires", { claims: { exp: undefined } }],
    ["that is not valid yet", { claims: { nbf: inAMinute() } }],
    ["without a subject", { claims: { sub: undefined } }],
    ["whose scopes are no list", { claims: { scope: ["shopping:read"] } }],
    ["that is an ID token", { header: { typ: "JWT" } }],
    ["that is not signed", { signWith: "none" }],
    ["signed by a stranger", { signWith: "other-key" }],
    ["signed by a key that nobody published", { signWith: "unknown-kid" }],
    ["signed with the public key as a secret", { signWith: "hs256-public-key" }],
    ["signed with another algorithm", { signWith: "es256" }],
    ["whose signature has one bit flipped", { signWith: "broken" }],
  ])("refuses a token %s", async (_name, options) => {
    const claims = { ...options.claims };
    if (claims.iss === "company") claims.iss = behind.issuerOf("company");
    const { status, challenge, body } = await refusal(await orders({ ...options, claims }));
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer error="invalid_token", error_description="[^"\\]+"$/);
    expect(body).toEqual({ error: "invalid_token", error_description: expect.any(String) });
  });

  it("names the scope that a token lacks", async () => {
    const token = await behind.shoppingToken({ claims: { scope: "shopping:read" } });
    const { status, challenge, body } = await refusal(
      await behind.call("shopping", "/orders", token, { method: "POST", body: "{}" }),
    );
    expect(status).toBe(403);
    expect(challenge).toMatch(/^Bearer error="insufficient_scope", error_description="[^"]+", scope="shopping:write"$/);
    expect(body).toMatchObject({ error: "insufficient_scope" });
  });

  it("takes Entra's scp and Auth0's list of audiences as well", async () => {
    const aud = ["https://shopping.example/api", `${behind.issuerOf("company")}/userinfo`];
    expect((await orders({ claims: { aud, scope: undefined, scp: "shopping:read" } })).status).toBe(200);
  });

  it("tells whoever brings no token only that one is needed", async () => {
    const others: RequestInit[] = [{}, { headers: { authorization: "Basic aGFuZXVsOmRhZW11bg==" } }];
    for (const init of others) {
      const { status, challenge } = await refusal(await behind.call("shopping", "/orders", null, init));
      expect([status, challenge]).toEqual([401, 'Bearer realm="service"']);
    }
  });

  it("looks for no token in the query", async () => {
    const path = `/orders?access_token=${await behind.shoppingToken()}`;
    expect((await behind.call("shopping", path, null)).status).toBe(401);
  });

  it.each(["Bearer", "Bearer ", "Bearer two words", "Bearer a,b", "bearer ;"])(
    "calls the header %j malformed",
    async (authorization) => {
      const { status, challenge, body } = await refusal(
        await behind.call("shopping", "/orders", null, { headers: { authorization } }),
      );
      expect(status).toBe(400);
      expect(challenge).toContain('error="invalid_request"');
      expect(body).toMatchObject({ error: "invalid_request" });
    },
  );

  it("calls a text that is no JWT an invalid token", async () => {
    for (const text of ["x", "a.b.c", "a.b.c.d.e"]) {
      expect((await refusal(await behind.call("shopping", "/orders", text))).body).toMatchObject({
        error: "invalid_token",
      });
    }
  });

  it("refuses two Authorization headers, also when the first would do", async () => {
    const token = await behind.shoppingToken();
    const answer = await sendRaw(behind.services.shopping.url, [
      "GET /orders HTTP/1.1",
      `Authorization: Bearer ${token}`,
      "Authorization: Bearer evil",
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("verifies before it tells which paths there are", async () => {
    expect((await behind.call("shopping", "/nowhere", null)).status).toBe(401);
    const token = await behind.shoppingToken();
    expect((await behind.call("shopping", "/nowhere", token)).status).toBe(404);
    const put = await behind.call("shopping", "/orders", token, { method: "PUT" });
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });

  it("takes tokens of a new key at once, and none of a key that is gone", async () => {
    const before = await behind.shoppingToken();
    expect((await behind.call("shopping", "/orders", before)).status).toBe(200);
    await behind.control.rotateKeys("company", { keepOld: false });
    expect((await orders({})).status).toBe(200);
    expect((await behind.call("shopping", "/orders", before)).status).toBe(401);
  });
});

describe("a resource server whose issuer does not answer", () => {
  it("says that it cannot tell, and lets people in when it can", async () => {
    const fresh = await startBehind();
    const token = await fresh.shoppingToken();
    await fresh.control.addFault("company", { endpoint: "discovery", fault: { kind: "reset" } });
    const away = await fresh.call("shopping", "/orders", token);
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "1"]);
    await fresh.control.addFault("company", { endpoint: "jwks", fault: { kind: "respond", status: 500 } });
    expect((await fresh.call("shopping", "/orders", token)).status).toBe(503);
    expect((await fresh.call("shopping", "/orders", token)).status).toBe(200);
    await fresh.stop();
  });
});

/** Sends a head as it is, and resolves with the answer. */
function sendRaw(url: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    socket.once("error", reject).once("close", () => resolve(answer));
    socket.write(`${[...lines, "Host: localhost", "Connection: close"].join("\r\n")}\r\n\r\n`);
  });
}
