import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { resetConnection } from "../provider/http/withhold";
import { faultOf, type ServiceFault, ServiceFaults } from "./control/faults";
import { ServiceJournal, type ServiceRequest } from "./control/journal";
import { echo } from "./echo";
import { type Answer, answerError } from "./http/answer";
import { callRoute, type Route } from "./http/routes";
import { send } from "./http/send";
import type { VerifyToken } from "./tokens/access-token";
import { invalidToken, readCredential } from "./tokens/bearer";
import { checkProof } from "./tokens/proof";

/** What makes a service the one it is. */
export interface ServiceDefinition {
  verify: VerifyToken;
  routes: readonly Route[];
  /** Empties what it keeps. */
  forget(): void;
}

/** A resource server that is not listening anywhere yet. */
export interface Service extends Pick<ServiceDefinition, "forget"> {
  listener: RequestListener;
  journal: ServiceJournal;
  faults: ServiceFaults;
}

/** Makes a resource server: every request is written down, meets its faults, and is answered for a good token only. */
export function createService({ verify, routes, forget }: ServiceDefinition): Service {
  const journal = new ServiceJournal();
  const queue = new ServiceFaults();
  const all = [...routes, echo];
  const proofs = new Set<string>();

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = "GET", url: target = "/", rawHeaders } = request;
    const entry = journal.record({ method, target, rawHeaders });
    const signal = watch(response, entry);
    const [path = "", query = ""] = target.split(/\?(.*)/s, 2);
    const faults = queue.take(path);
    entry.faults = faults.map(({ kind }) => kind);

    const answer = async (): Promise<Answer> => {
      const canned = cannedAnswer(faults);
      if (canned) return canned;
      if (faultOf(faults, "unauthorized")) throw invalidToken("A test wants it so.");
      const credential = readCredential(rawHeaders);
      const token = await verify(credential.token);
      const url = `http://${request.headers.host}${path}`;
      const nonce = faultOf(faults, "nonce")?.nonce ?? null;
      await checkProof(credential, { method, url, thumbprint: token.thumbprint, nonce }, proofs);
      const body = metered(request, entry);
      const search = new URLSearchParams(query);
      return callRoute(all, { method, path, target, query: search, rawHeaders, token, body, signal });
    };
    const serve = async (): Promise<void> => {
      const delay = faultOf(faults, "delay");
      if (delay) await sleep(delay.delayMs, undefined, { ref: false, signal });
      if (faultOf(faults, "hang")) return;
      const reset = faultOf(faults, "reset");
      if (reset && reset.afterBytes === undefined) return resetConnection(response);
      const prepared = await answer().catch(answerError);
      countRest(request, entry);
      await send(response, prepared, { faults, entry, signal });
    };
    serve().catch((error: unknown) => {
      if (signal.aborted) return;
      console.error("a sample service:", error);
      if (!response.headersSent) response.writeHead(500).end();
    });
  };
  return { listener, journal, faults: queue, forget };
}

/** Writes down how a request ended. The signal aborts when its connection is gone, or all is said. */
function watch(response: ServerResponse, entry: ServiceRequest): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    entry.endedAt = new Date().toISOString();
    // One that a fault reset was not the caller's doing.
    if (!response.writableFinished && !entry.faults.includes("reset")) entry.abortedAt = entry.endedAt;
    gone.abort();
  });
  return gone.signal;
}

function cannedAnswer(faults: readonly ServiceFault[]): Answer | undefined {
  const canned = faultOf(faults, "respond");
  if (canned) return { status: canned.status, headers: canned.headers, body: Buffer.from(canned.body) };
  const redirect = faultOf(faults, "redirect");
  return redirect && { status: redirect.status, headers: { location: redirect.location }, body: Buffer.alloc(0) };
}

async function* metered(request: IncomingMessage, entry: ServiceRequest): AsyncGenerator<Buffer> {
  // A handler that has seen enough shall still be able to answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    entry.bodyBytes += chunk.length;
    yield chunk;
  }
}

// What nobody read arrives all the same, and is part of what was received.
function countRest(request: IncomingMessage, entry: ServiceRequest): void {
  if (request.readableEnded) return;
  request.on("data", (chunk: Buffer) => {
    entry.bodyBytes += chunk.length;
  });
  request.resume();
}
