import { randomUUID } from "node:crypto";

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A logout token that is right in everything but the key that signed it, which nobody knows. */
export function bogusLogoutToken(issuer: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: "daemun", iat, exp: iat + 60, jti: randomUUID(), sub: "minsu" };
  const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const head = { alg: "RS256", typ: "logout+jwt", kid: randomUUID() };
  return `${part(head)}.${part({ ...claims, events })}.${Buffer.alloc(256, 7).toString("base64url")}`;
}
