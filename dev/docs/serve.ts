import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, resolve, sep } from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/**
 * Serves a folder's files on this machine's loopback. The generator's own server would listen on every address.
 *
 * @param port - 0 for any that is free
 * @returns the server, and where it is
 */
export async function serveFolder(folder: string, port: number): Promise<{ server: Server; url: string }> {
  const fileOf = (url = "/") => {
    const path = decodeURIComponent(url.split(/[?#]/)[0] ?? "");
    const file = resolve(folder, `.${path.endsWith("/") ? `${path}index.html` : path}`);
    return file.startsWith(resolve(folder) + sep) ? file : null;
  };
  const server = createServer(async (request, response) => {
    try {
      const file = fileOf(request.url);
      if (!file) throw new Error("outside of the folder");
      const body = await readFile(file);
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      const body = await readFile(resolve(folder, "404.html")).catch(() => "Not found");
      response.writeHead(404, { "content-type": "text/html; charset=utf-8" }).end(body);
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : port}` };
}
