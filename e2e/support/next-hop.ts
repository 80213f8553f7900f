import type { IncomingMessage } from "node:http";
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from "jose";
import { listenOnLoopback } from "../../dev/provider/http/loopback";

/** A call as one of the services received it. */
export interface HopCall {
  service: "ledger" | "statements";
  headers: IncomingMessage["headers"];
  token: string;
  header: ProtectedHeaderParameters;
  claims: JWTPayload;
  status: number;
}

/** What a provider's tokens are like that do not keep to RFC 9068: Keycloak's say the type of any JWT, and no `client_id`. */
export interface LedgerRules {
  keys: string;
  typ: string;
  requiredClaims: string[];
}

/** Two services that the app calls with tokens for the next hop, each as strict as its specification lets it be. */
export interface NextHop {
  /** What the app is told of where they are. */
  env: Record<string, string>;
  calls(service: HopCall["service"]): HopCall[];
  /** Whose tokens the ledger takes, and whose assertions the reports. Until then nobody's. */
  trust(issuers: { ledger: string; statements: string; ledgerRules?: LedgerRules }): void;
  /** The ledger refuses as many good tokens. */
  refuse(times: number): void;
  reset(): void;
  close(): Promise<void>;
}

/** The ledger wants a provider's token for `ledger` (RFC 9068); the reports want an assertion of the app's, each only once. */
export async function openNextHop(): Promise<NextHop> {
  const calls: HopCall[] = [];
  const seen = new Set<string>();
  let refusals = 0;
  let verify: Record<HopCall["service"], (token: string) => Promise<JWTPayload>> | null = null;

  const server = await listenOnLoopback((request, response) => {
    void answer(request).then(({ status, json }) => {
      const challenge = status === 401 ? { "www-authenticate": 'Bearer error="invalid_token"' } : {};
      response.writeHead(status, { "content-type": "application/json", ...challenge }).end(JSON.stringify(json));
    });
  }, 0);

  async function answer(request: IncomingMessage): Promise<{ status: number; json: unknown }> {
    request.resume();
    const service = request.url?.startsWith("/statements") ? "statements" : "ledger";
    const token = /^(?:Bearer|DPoP) (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const call: HopCall = { service, headers: request.headers, token, header: {}, claims: {}, status: 401 };
    calls.push(call);
    try {
      if (!verify) throw new Error("Nobody is trusted yet.");
      call.header = decodeProtectedHeader(token);
      call.claims = await verify[service](token);
    } catch (error) {
      return { status: 401, json: { error: String(error) } };
    }
    if (service === "ledger" && refusals > 0) {
      refusals -= 1;
      return { status: 401, json: { error: "A test wants it so." } };
    }
    call.status = 200;
    return { status: 200, json: { service, sub: call.claims.sub } };
  }

  async function once(payload: JWTPayload): Promise<JWTPayload> {
    const { jti = "", exp = 0, iat = 0 } = payload;
    if (jti === "" || seen.has(jti)) throw new Error("Replayed.");
    seen.add(jti);
    if (exp - iat > 600) throw new Error("It lives too long.");
    return payload;
  }

  return {
    env: {
      SERVICE_LEDGER_URL: `http://localhost:${server.port}/ledger`,
      SERVICE_STATEMENTS_URL: `http://localhost:${server.port}/statements`,
    },
    calls: (service) => calls.filter((call) => call.service === service),
    trust({ ledger, statements, ledgerRules }) {
      const rules = { typ: "at+jwt", requiredClaims: ["sub", "exp", "iat", "jti", "client_id"], clockTolerance: 0 };
      const { keys: address = `${ledger}/jwks`, ...others } = ledgerRules ?? {};
      const keys = createRemoteJWKSet(new URL(address), { cooldownDuration: 0 });
      const own = createRemoteJWKSet(new URL(`${statements}/.well-known/jwks.json`), { cooldownDuration: 0 });
      verify = {
        ledger: async (token) =>
          (
            await jwtVerify(token, keys, {
              ...rules,
              ...others,
              issuer: ledger,
              audience: "ledger",
              algorithms: ["RS256"],
            })
          ).payload,
        statements: async (token) =>
          once(
            (
              await jwtVerify(token, own, {
                ...rules,
                issuer: statements,
                audience: "https://statements.example",
                algorithms: ["ES256"],
              })
            ).payload,
          ),
      };
    },
    refuse(times) {
      refusals = times;
    },
    reset() {
      calls.length = 0;
      seen.clear();
      refusals = 0;
    },
    close: () => server.close(),
  };
}
