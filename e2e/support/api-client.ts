import { randomUUID } from "node:crypto";
import type { TestApp } from "./test-app";

/** Claims or header parameters, in place of the genuine ones. */
export type Changes = Record<string, unknown>;
type Signer = Parameters<TestApp["control"]["sign"]>[1]["signWith"];

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  path?: string;
  at?: string;
}

/** Calls of the routes below `/api/calls` of the extended build, and tokens for them. */
export function apiClient(app: TestApp) {
  const metadataAddress = `${app.url}/.well-known/oauth-protected-resource/api/calls`;
  return {
    metadataAddress,

    /** What a challenge says of a token that will not do. */
    refusal: (error: string) => `Bearer error="${error}", resource_metadata="${metadataAddress}"`,

    /** A token as the company's provider issues one to a client for the calls of this app, but for what is changed. */
    async tokenWith(claims: Changes = {}, header: Changes = {}, signWith: Signer = "issuer", by = "company") {
      const now = Math.floor(Date.now() / 1000);
      const genuine = {
        iss: app.issuers[by],
        aud: `${app.url}/api/calls`,
        sub: "minsu",
        client_id: "phone",
        jti: randomUUID(),
        iat: now - 5,
        exp: now + 300,
        scope: "calls:read",
      };
      const merged = JSON.parse(JSON.stringify({ ...genuine, ...claims }));
      return app.control.sign(by, {
        claims: merged,
        header: { typ: "at+jwt", ...header },
        signWith,
        ...(signWith === "hs256" && { clientId: "daemun" }),
      });
    },

    /** A call as a script would make it, without a browser. */
    async call(authorization: string | null, { method = "GET", headers = {}, path = "own", at = app.url }: Sent = {}) {
      const response = await fetch(`${at}/api/calls/${path}`, {
        method,
        redirect: "manual",
        headers: { ...(authorization !== null && { Authorization: authorization }), ...headers },
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json");
      return {
        status: response.status,
        challenge: response.headers.get("www-authenticate"),
        cache: response.headers.get("cache-control"),
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : null,
      };
    },
  };
}
