import "server-only";
import daemun from "@/daemun.config";
import type { Configuration } from "@/edge/config";
import { cookieSite } from "@/edge/cookie-names";
import { isOtherAddress, requestedHost } from "@/edge/public-address";
import { createSessionCookieCodec } from "@/edge/session-cookie";
import { fitForLog } from "../http/log";
import { getRequestContext } from "../http/request-context";
import { env } from "../settings/env";
import { type Finding, found } from "./findings";

const config: Configuration = daemun;

// What many proxies take in all headers of a request together.
const mostHeaderBytes = 4096;

/** What the request that asks for the report shows of what stands in front of the app. */
export function examineArrival(headers: Headers): Finding[] {
  const { trustedProxyHops, authUrl, ownAliases } = env();
  const { address = null, forwarders: listed = 0 } = getRequestContext() ?? {};
  const host = requestedHost(headers);
  const bytes = [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  const hops = trustedProxyHops ?? 0;
  // A header of the platform's comes before the hops, which then count for nothing.
  const isFew = config.clientAddressHeader === undefined && listed < hops;
  return [
    // Where proxies are missing, that is why.
    ...(address !== null ? [found("addressTold", { address })] : isFew ? [] : [found("addressUntold")]),
    found(isFew ? "proxiesFew" : "proxiesFit", { listed, hops }),
    ...(isOtherAddress(host, authUrl, ownAliases)
      ? [found("hostOther", { host: fitForLog(host ?? ""), authUrl })]
      : []),
    found(bytes > mostHeaderBytes ? "headersLarge" : "headersSmall", { bytes }),
  ];
}

/** The session cookie of somebody who holds every role that gates name: the largest that there is. */
export async function examineCookie(): Promise<Finding[]> {
  const { sessionSecrets, secure, authUrl } = env();
  const roles = [...new Set(config.gates.flatMap((gate) => gate.roles ?? []))];
  const form = config.session.cookieRoles ?? "names";
  const codec = createSessionCookieCodec(sessionSecrets, secure, { port: cookieSite(authUrl).port, roles: form });
  const seconds = Math.floor(Date.now() / 1000);
  const claims = {
    sub: "0".repeat(36),
    sid: "0".repeat(43),
    provider: env().providers.reduce((longest, { id }) => (id.length > longest.length ? id : longest), ""),
    roles,
    authTime: seconds,
    issuedAt: seconds,
    idleSeconds: 1800,
    idleDeadline: seconds + 1800,
    absoluteDeadline: seconds + 43_200,
  };
  const value = await codec.seal(claims);
  const read = await codec.read(value, new Date());
  const isByName = read.kind === "valid" && roles.every((role) => read.claims.roles.includes(role));
  const facts = { bytes: codec.name.length + 1 + value.length, roles: roles.length };
  return [found(isByName || form === "digests" ? "cookieFits" : "cookieDigests", facts)];
}
