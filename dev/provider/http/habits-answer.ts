import { decodeJwt, decodeProtectedHeader } from "jose";
import type { Habits } from "../habits/habits";
import type { IssuerState } from "../issuer-state";
import { forge } from "../tokens/forge";
import type { PreparedResponse } from "./inner";
import { type Asker, editJson } from "./rewrite";

/** The answer as a provider of these habits gives it. */
export function answerAs(
  state: IssuerState,
  { endpoint, clientId }: Asker,
  form: URLSearchParams,
  prepared: PreparedResponse,
): PreparedResponse {
  const { habits } = state;
  if (!habits || prepared.status !== 200) return prepared;
  switch (endpoint) {
    case "discovery":
      return editJson(prepared, (metadata) => withoutNulls({ ...metadata, ...ownMetadata(habits) }));
    case "jwks":
      return habits.signsByKeyType ? editJson(prepared, (set) => withEcKey(state, set)) : prepared;
    case "userinfo":
      return editJson(prepared, habits.userInfo);
    case "token": {
      const signWith = signerOf(habits, form);
      const clientSecret = clientId === undefined ? undefined : state.clients.get(clientId)?.clientSecret;
      return editJson(prepared, (body) =>
        typeof body.id_token === "string"
          ? { ...body, id_token: reshaped(state, habits, body.id_token, { signWith, clientSecret }) }
          : body,
      );
    }
    default:
      return prepared;
  }
}

function ownMetadata({ authentication, metadata }: Habits): Record<string, unknown> {
  const method = authentication === "client_secret_basic" ? authentication : "client_secret_post";
  return { token_endpoint_auth_methods_supported: [method], ...metadata };
}

function signerOf({ signsByKeyType }: Habits, form: URLSearchParams): "issuer" | "es256" | "hs256" {
  if (!signsByKeyType) return "issuer";
  return form.get("id_token_key_type") === "JWK" || form.get("grant_type") === "refresh_token" ? "es256" : "hs256";
}

function reshaped(
  state: IssuerState,
  habits: Habits,
  token: string,
  signer: { signWith: "issuer" | "es256" | "hs256"; clientSecret: string | undefined },
): string {
  const { alg: _alg, kid: _kid, ...header } = decodeProtectedHeader(token);
  const { iss, aud, exp, iat, nonce, at_hash, ...claims } = decodeJwt(token);
  const ofTheToken = withoutUndefined({
    iss,
    aud,
    exp,
    iat,
    nonce,
    at_hash: signer.signWith === "issuer" ? at_hash : undefined,
  });
  const key = signer.signWith === "es256" ? { kid: state.keys.strangerEc.kid } : {};
  return forge(state.keys, {
    claims: { ...habits.idToken(claims), ...ofTheToken },
    header: { ...header, ...key },
    ...signer,
  });
}

/** The P-256 key beside the others. */
function withEcKey({ keys }: IssuerState, set: Record<string, unknown>): Record<string, unknown> {
  const { kid, publicKey } = keys.strangerEc;
  const known = Array.isArray(set.keys) ? set.keys : [];
  return { keys: [...known, { ...publicKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" }] };
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
