import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Fault, faultOf } from "../faults";
import type { IssuerState } from "../issuer-state";
import type { Endpoint, JournalEntry } from "../journal";
import { endpointOf } from "../routes";
import { translateAuthorization, translateTokenRequest } from "./dialect-request";
import { answerAs } from "./habits-answer";
import { receive } from "./habits-request";
import type { PreparedResponse, ReceivedRequest } from "./inner";
import { readBody } from "./read-body";
import { type Asker, editCallback, parseObject, rewrite } from "./rewrite";
import { flood, gzipBomb, resetConnection, send } from "./withhold";

const bodyLimit = 1024 * 1024;

/** Answers a request for real. */
export type Answer = (received: ReceivedRequest) => Promise<PreparedResponse>;

/**
 * The outermost layer of an issuer: writes the journal, applies faults and the clock, and asks `answer` for what a
 * well-behaved provider would say.
 */
export function createListener(state: IssuerState, answer: Answer) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    serve(state, answer, request, response).catch((error: unknown) => {
      if (response.destroyed || request.destroyed) return; // the peer hung up
      console.error(`identity provider ${state.id}:`, error);
      if (response.headersSent) resetConnection(response);
      else response.writeHead(500, { "content-type": "application/json" }).end('{"error":"server_error"}');
    });
  };
}

async function serve(
  state: IssuerState,
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", state.issuer);
  const endpoint = endpointOf(url.pathname);
  const body = await readBody(request, bodyLimit);
  if (body === null) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  const form = formIn({ headers: request.headers, body });
  const entry = state.journal.record({
    method: request.method ?? "GET",
    path: url.pathname,
    endpoint,
    headers: request.headers,
    query: grouped(url.searchParams),
    form: grouped(form),
  });
  response.once("close", () => {
    entry.endedAt = new Date().toISOString();
  });

  const grantType = form.get("grant_type") ?? undefined;
  const faults = state.faults.take(endpoint, grantType);
  entry.faults = faults.map(({ kind }) => kind);
  const delay = faultOf(faults, "delay");
  if (delay) await sleep(delay.delayMs, undefined, { ref: false });
  if (await misbehave(response, faults, entry)) return;

  const plain = {
    method: request.method ?? "GET",
    url: url.pathname + url.search,
    // Every address in an answer is built from this header: it has to be the issuer's own.
    headers: { ...request.headers, host: new URL(state.issuer).host },
    body,
  };
  const taken = receive(state, { endpoint, url, form, received: plain });
  const asker: Asker = { endpoint, clientId: form.get("client_id") ?? basicUser(request.headers.authorization) };
  const answered = "status" in taken ? taken : await answer(translated(state, endpoint, taken));
  const prepared = applyCallback(state, entry, rewrite(state, asker, answerAs(state, asker, form, answered), faults));

  const lost = faultOf(faults, "reset_after_commit") !== undefined;
  if (endpoint === "token" && prepared.status === 200)
    recordIssued(state, asker, entry.seq, { grantType, prepared, delivered: !lost });
  if (lost) return resetConnection(response);
  entry.status = prepared.status;
  await send(response, prepared, faults);
}

/** Carries out the faults that need no answer from the provider. True when one of them took the request. */
async function misbehave(response: ServerResponse, faults: readonly Fault[], entry: JournalEntry): Promise<boolean> {
  if (faultOf(faults, "hang")) return true;
  if (faultOf(faults, "reset")) {
    resetConnection(response);
    return true;
  }
  const canned = faultOf(faults, "respond");
  if (canned) {
    entry.status = canned.status;
    const body = canned.json === undefined ? (canned.body ?? "") : JSON.stringify(canned.json);
    const contentType = canned.json === undefined ? {} : { "content-type": "application/json" };
    const bytes = canned.bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(canned.bodyBase64, "base64");
    await send(
      response,
      { status: canned.status, headers: { ...contentType, ...canned.headers }, body: bytes },
      faults,
    );
    return true;
  }
  const filler = faultOf(faults, "flood");
  const bomb = faultOf(faults, "gzip_bomb");
  if (!filler && !bomb) return false;
  entry.status = 200;
  if (filler) await flood(response, filler);
  else if (bomb) await gzipBomb(response, bomb);
  return true;
}

// A `callback` fault waits for the redirect that leads to the application; the ones to our own pages don't count.
function applyCallback(state: IssuerState, entry: JournalEntry, prepared: PreparedResponse): PreparedResponse {
  const { location } = prepared.headers;
  if (entry.endpoint !== "authorization" || typeof location !== "string" || !URL.canParse(location)) return prepared;
  if (new URL(location).origin === state.issuer) return prepared;
  const [fault] = state.faults.take("authorization", undefined, ["callback"]);
  if (fault?.kind !== "callback") return prepared;
  entry.faults.push(fault.kind);
  return { ...prepared, headers: { ...prepared.headers, location: editCallback(location, fault) } };
}

function formIn({ headers, body }: Pick<ReceivedRequest, "headers" | "body">): URLSearchParams {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  return new URLSearchParams(isForm ? body.toString("utf8") : "");
}

// The library knows one dialect. (Which is why the journal, and not the library, knows what was really sent.)
function translated(state: IssuerState, endpoint: Endpoint, received: ReceivedRequest): ReceivedRequest {
  if (!/^(?:token|authorization|pushed_authorization_request)$/.test(endpoint)) return received;
  const url = new URL(received.url, state.issuer);
  const form = formIn(received);
  const translate = endpoint === "token" ? translateTokenRequest : translateAuthorization;
  const query = translate(state, url.searchParams);
  const body = translate(state, form);
  return {
    ...received,
    url: query === url.searchParams ? received.url : `${url.pathname}?${query}`,
    body: body === form ? received.body : Buffer.from(body.toString()),
  };
}

function recordIssued(
  state: IssuerState,
  { clientId }: Asker,
  request: number,
  { grantType, prepared, delivered }: { grantType: string | undefined; prepared: PreparedResponse; delivered: boolean },
): void {
  const json = parseObject(prepared.body) ?? {};
  const text = (name: string) => (typeof json[name] === "string" ? json[name] : null);
  state.journal.recordIssued({
    kind: "token_response",
    request,
    clientId: clientId ?? null,
    grantType: grantType ?? null,
    delivered,
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
  });
}

function basicUser(authorization: string | undefined): string | undefined {
  const credentials = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  const user = credentials && Buffer.from(credentials, "base64").toString("utf8").split(":")[0];
  try {
    return user ? decodeURIComponent(user) : undefined;
  } catch {
    return undefined;
  }
}

function grouped(params: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(params.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = params.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}
