import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { listenOnLoopback } from "../http/loopback";
import { readBody } from "../http/read-body";
import type { Issuer } from "../issuer";
import { ControlError, matchPath } from "./router";
import { controlRoutes } from "./routes";

interface ControlOptions {
  issuers: ReadonlyMap<string, Issuer>;
  port: number;
  secret: string;
}

const bodyLimit = 4 * 1024 * 1024;

/** Serves the control API on loopback. Every request must carry `Authorization: Bearer <secret>`. */
export async function startControlApi(options: ControlOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const server = await listenOnLoopback((request, response) => {
    answer(options, request)
      .then((body) => respond(response, 200, body))
      .catch((error: unknown) => respondWithError(response, error));
  }, options.port);
  return { url: `http://localhost:${server.port}`, close: server.close };
}

async function answer({ issuers, secret }: ControlOptions, request: IncomingMessage): Promise<unknown> {
  if (!isSame(request.headers.authorization ?? "", `Bearer ${secret}`)) {
    throw new ControlError(401, "unauthorized", "Send the control secret as a bearer token.");
  }
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname === "/issuers" && request.method === "GET") {
    return { issuers: Object.fromEntries([...issuers].map(([id, { state }]) => [id, { issuer: state.issuer }])) };
  }
  const [, root, id = "", ...rest] = url.pathname.split("/");
  const issuer = root === "issuers" ? issuers.get(decodeURIComponent(id)) : undefined;
  if (!issuer) throw new ControlError(404, "not_found", "There is no such issuer.");

  const path = rest.length > 0 ? `/${rest.join("/")}` : "";
  const matches = controlRoutes.flatMap((route) => {
    const params = matchPath(route.path, path);
    return params ? [{ route, params }] : [];
  });
  if (matches.length === 0) throw new ControlError(404, "not_found", "There is no such path.");
  const match = matches.find(({ route }) => route.method === request.method);
  if (!match) throw new ControlError(405, "method_not_allowed", `This path knows no ${request.method}.`);
  return match.route.handle({
    issuer,
    params: match.params,
    query: Object.fromEntries(url.searchParams),
    body: await jsonBody(request),
  });
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, bodyLimit);
  if (body === null) throw new ControlError(413, "payload_too_large", "The body is longer than 4 MB.");
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new ControlError(400, "invalid_body", "The body is not JSON.");
  }
}

function respondWithError(response: ServerResponse, error: unknown): void {
  if (error instanceof ControlError) {
    respond(response, error.status, { error: error.code, message: error.message });
  } else if (error instanceof z.ZodError) {
    respond(response, 400, { error: "invalid_body", message: z.prettifyError(error), issues: error.issues });
  } else {
    const message = error instanceof Error ? error.message : String(error);
    respond(response, 500, { error: "internal_error", message });
  }
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

// Digests have one length, which timingSafeEqual needs.
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
