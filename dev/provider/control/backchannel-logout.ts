import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { IssuerState } from "../issuer-state";
import { postLogoutToken } from "../logout-delivery";
import { forge, mutateToken } from "../tokens/forge";
import { ControlError } from "./router";
import type { backchannelLogoutSchema } from "./schemas";

export interface BackchannelResult {
  logoutToken: string;
  /** What the application answered; null when the token was not delivered. */
  status: number | null;
  headers: Record<string, string>;
  body: string;
}

const eventName = "http://schemas.openid.net/event/backchannel-logout";

/** Makes a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4), changes it as asked, and delivers it. */
export async function sendBackchannelLogout(
  state: IssuerState,
  { clientId, sub, sid, mutate, deliver }: z.infer<typeof backchannelLogoutSchema>,
): Promise<BackchannelResult> {
  const client = state.clients.get(clientId);
  if (!client) throw new ControlError(404, "not_found", "There is no such client.");
  const now = state.clock.nowSeconds();
  const genuine = forge(state.keys, {
    header: { typ: "logout+jwt" },
    claims: {
      iss: state.issuer,
      aud: clientId,
      iat: now,
      exp: now + 120,
      jti: randomUUID(),
      events: { [eventName]: {} },
      ...(sub === undefined ? {} : { sub }),
      ...(sid === undefined ? {} : { sid }),
    },
  });
  const logoutToken = mutate ? mutateToken(state.keys, genuine, mutate, client.clientSecret) : genuine;
  if (!deliver) return { logoutToken, status: null, headers: {}, body: "" };
  if (!client.backchannelLogoutUri)
    throw new ControlError(400, "invalid_body", "The client has no backchannelLogoutUri.");
  state.journal.recordIssued({ kind: "logout_token", clientId, logoutToken });
  const response = await postLogoutToken(client.backchannelLogoutUri, logoutToken, AbortSignal.timeout(30_000));
  return {
    logoutToken,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
