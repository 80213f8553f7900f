import { createHash } from "node:crypto";
import { json } from "./http/answer";
import type { Route } from "./http/routes";

/** Tells whoever has a good token what arrived: with the token's claims, and without the token. */
export const echo: Route = {
  path: "/echo/*",
  handle: async ({ method, target, rawHeaders, token, body }) => {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    const { iss, sub, aud, clientId, organization, scopes } = token;
    return json(200, {
      method,
      target,
      headers: rawHeaders.map((text, at) =>
        at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "authorization" ? "Bearer (not shown)" : text,
      ),
      token: { iss, sub, aud, client_id: clientId, organization_id: organization, scope: scopes.join(" ") },
      body: { bytes, sha256: hash.digest("hex") },
    });
  },
};
