// Runs one function that `vercel build` made, as its platform would, behind Node's HTTP server on loopback:
// `node function-host.mjs <folder of the function> <root of its files> <port>`.
import { AsyncLocalStorage } from "node:async_hooks";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder = "", root = "", port = ""] = process.argv.slice(2);
const {
  runtime,
  handler,
  entrypoint,
  filePathMap = {},
} = JSON.parse(readFileSync(join(folder, ".vc-config.json"), "utf8"));
const require = createRequire(join(folder, "package.json"));

/** The gate. It has no file system and no Node here, but for what its bundle asks for by itself. */
async function edge() {
  Object.assign(globalThis, { self: globalThis, AsyncLocalStorage, require });
  const module = join(folder, "gate.mjs");
  copyFileSync(join(folder, entrypoint), module);
  const { default: answer } = await import(pathToFileURL(module).href);
  return async (request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`);
    const headers = Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
    const told = await answer(new Request(url, { method: request.method, headers }), { waitUntil() {} });
    response.writeHead(told.status, [...told.headers].flat()).end(Buffer.from(await told.arrayBuffer()));
  };
}

/** A page or a route: the files that it names, laid out in its folder. */
function node() {
  for (const [to, from] of Object.entries(filePathMap)) {
    const target = join(folder, to);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, from), target, { recursive: true, dereference: true });
  }
  return require(join(folder, handler));
}

// Where a function finds the platform's `waitUntil`, and hands it to Next.
const contexts = new AsyncLocalStorage();
globalThis[Symbol.for("@vercel/request-context")] = { get: () => contexts.getStore() };

const answer = runtime === "edge" ? await edge() : node();
createServer((request, response) => {
  const promised = [];
  const waitUntil = (promise) => promised.push(Promise.resolve(promise).catch(() => {}));
  response.on("close", async () => {
    if (!process.env.FUNCTION_FREEZES) return;
    // What is promised may promise more.
    for (let done = 0; done < promised.length; ) {
      done = promised.length;
      await Promise.all(promised);
    }
    process.kill(process.pid, "SIGKILL");
  });
  contexts.run({ waitUntil }, () => answer(request, response));
}).listen(Number(port), "localhost");
