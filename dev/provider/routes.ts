import type { Endpoint } from "./journal";

/** Every path of an issuer. */
export const routes = {
  protocol: {
    authorization: "/authorize",
    pushed_authorization_request: "/request",
    token: "/token",
    userinfo: "/userinfo",
    jwks: "/jwks",
    revocation: "/revoke",
    introspection: "/introspect",
    end_session: "/session/end",
  },
  interaction: "/interaction",
  pictures: "/pictures",
  stylesheet: "/style.css",
} as const;

const { protocol } = routes;

/** Which endpoint a path belongs to. */
export function endpointOf(path: string): Endpoint {
  if (path.startsWith("/.well-known/")) return "discovery";
  if (path === protocol.jwks) return "jwks";
  if (isBelow(path, protocol.authorization)) return "authorization";
  if (path === protocol.pushed_authorization_request) return "pushed_authorization_request";
  if (path === protocol.token) return "token";
  if (path === protocol.userinfo) return "userinfo";
  if (path === protocol.revocation) return "revocation";
  if (path === protocol.introspection) return "introspection";
  if (isBelow(path, protocol.end_session)) return "end_session";
  if (isBelow(path, routes.interaction)) return "interaction";
  return "other";
}

function isBelow(path: string, route: string): boolean {
  return path === route || path.startsWith(`${route}/`);
}
