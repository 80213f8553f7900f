import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endGroup, exitOf } from "../../../dev/process/child";
import { findFreePort } from "../../../dev/process/ports";
import { tie } from "../../../dev/process/tied";

interface Route {
  src?: string;
  dest?: string;
  handle?: string;
  has?: unknown;
  middlewarePath?: string;
}

/**
 * Serves what `vercel build` made of the repository in `root`, as the platform routes it: files, then the gate, then the
 * function that the path names, each function in a process of its own.
 *
 * @param env what each function is told
 * @param freezes whether a function is gone for good as soon as it has answered and all that it handed to `waitUntil` is done:
 *   the platform may freeze it then, and need not thaw it. Each request then has a function of its own
 */
export async function startVercelHost(
  root: string,
  port: number,
  env: Record<string, string>,
  { freezes = false }: { freezes?: boolean } = {},
) {
  const output = join(root, ".vercel/output");
  const { routes } = JSON.parse(readFileSync(join(output, "config.json"), "utf8")) as { routes: Route[] };
  const begin = routes.findIndex(({ handle }) => handle === "rewrite") + 1;
  const rewrites = routes.slice(
    begin,
    routes.findIndex(({ handle }, at) => at > begin && handle !== undefined),
  );
  const gated = routes.flatMap(({ middlewarePath, src }) => (middlewarePath && src ? [new RegExp(src)] : []));
  const running = new Map<string, Promise<{ child: ChildProcess; port: number }>>();
  const children: ChildProcess[] = [];
  let printed = "";

  async function startFunction(name: string) {
    const own = await findFreePort();
    const script = fileURLToPath(new URL("./function-host.mjs", import.meta.url));
    const folder = realpathSync(join(output, "functions", `${name}.func`));
    const child = spawn(process.execPath, [script, folder, root, String(own)], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        ...env,
        VERCEL: "1",
        NODE_ENV: "production",
        ...(freezes && name !== "middleware" && { FUNCTION_FREEZES: "1" }),
      },
    });
    children.push(child);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (printed += text));
    tie(child, "SIGKILL", { group: true });
    const ended = exitOf(child).then((code) => {
      throw new Error(`The function ${name} ended with ${code}:\n${printed}`);
    });
    await Promise.race([untilListening(own), ended]);
    ended.catch(() => {});
    return { child, port: own };
  }
  function functionOf(name: string) {
    const isKept = !freezes || name === "middleware";
    const started = (isKept && running.get(name)) || startFunction(name);
    if (isKept) running.set(name, started);
    return started;
  }

  /** Which function a path is for, and what its dynamic segments are. */
  function route(path: string): { name: string; parameters: URLSearchParams } {
    const isThere = (name: string) => existsSync(join(output, "functions", `${name}.func`));
    const direct = path === "/" ? "index" : path.slice(1);
    if (isThere(direct)) return { name: direct, parameters: new URLSearchParams() };
    for (const { src = "", dest = "", has } of rewrites) {
      const groups = has ? undefined : new RegExp(src).exec(path)?.groups;
      const filled = groups && dest.replace(/\$(\w+)/g, (_, name: string) => groups[name] ?? "");
      const [name = "", query = ""] = filled?.slice(1).split("?") ?? [];
      if (filled && isThere(name)) return { name, parameters: new URLSearchParams(query) };
    }
    return { name: "_not-found", parameters: new URLSearchParams() };
  }

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(asked.url ?? "/", "http://host.invalid");
    const file = join(output, "static", url.pathname);
    if (existsSync(file) && statSync(file).isFile()) {
      response.writeHead(200).end(readFileSync(file));
      return;
    }
    let told: IncomingHttpHeaders = {};
    if (gated.some((src) => src.test(url.pathname))) {
      const gate = await send((await functionOf("middleware")).port, { ...asked.headers }, asked.method, asked.url);
      told = gate.headers;
      if (told["x-middleware-next"] !== "1") {
        response.writeHead(gate.statusCode ?? 500, told);
        gate.pipe(response);
        return;
      }
      gate.resume();
    }
    const headers: Record<string, string | string[] | undefined> = { ...asked.headers };
    for (const [name, value] of Object.entries(told))
      if (name.startsWith("x-middleware-request-")) headers[name.slice("x-middleware-request-".length)] = value;
    // Cookies that the gate gives are there for the page already: so Next reads them.
    headers["x-middleware-set-cookie"] = told["x-middleware-set-cookie"];
    if (headers["x-middleware-set-cookie"] === undefined) delete headers["x-middleware-set-cookie"];
    const { name, parameters } = route(url.pathname);
    for (const [key, value] of parameters) url.searchParams.append(key, value);
    headers["x-matched-path"] = `/${name === "index" ? "" : name}`;
    const { port: own } = await functionOf(name);
    const answered = await send(own, headers, asked.method, url.pathname + url.search, asked);
    const fromGate = Object.entries(told).filter(([key]) =>
      /^(?:set-cookie|cache-control|content-security-policy|reporting-endpoints)$/.test(key),
    );
    const cookies = [told["set-cookie"] ?? [], answered.headers["set-cookie"] ?? []].flat();
    // Whatever a function says itself is what goes out.
    const all = {
      ...Object.fromEntries(fromGate),
      ...answered.headers,
      ...(cookies.length > 0 && { "set-cookie": cookies }),
    };
    response.writeHead(answered.statusCode ?? 500, all);
    // Whoever hangs up does so to the function too.
    response.on("close", () => answered.destroy());
    response.flushHeaders();
    answered.pipe(response);
  }

  const server = createServer((asked, response) => {
    answer(asked, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  return {
    output: () => printed,
    /** How many functions live. */
    living: () => children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).length,
    async stop() {
      server.closeAllConnections();
      server.close();
      for (const child of children) await endGroup(child, 5_000);
    },
  };
}

function send(
  port: number,
  headers: Record<string, string | string[] | undefined>,
  method = "GET",
  path = "/",
  body?: IncomingMessage,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "localhost", port, method, path, headers: body ? headers : { ...headers, "content-length": "0" } },
      resolve,
    );
    sent.on("error", reject);
    if (body) body.pipe(sent);
    else sent.end();
  });
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "localhost", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (isThere) return;
    await sleep(100);
  }
}
