import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { endGroup, exitOf } from "../../dev/process/child";
import { tie } from "../../dev/process/tied";
import { waitUntilHealthy } from "../../dev/run/app";
import { root } from "../../dev/run/build";

/** Where nginx is on this machine, or null. Debian keeps it where only root looks. */
export function findNginx(): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, "nginx")).find((file) => existsSync(file)) ?? null;
}

/**
 * Puts nginx as a shared cache in front of an app. By its own rules it obeys `Cache-Control`, `Vary` and `Set-Cookie`;
 * what says nothing of itself it keeps for a minute. `X-Cache-Status` tells what it did.
 *
 * @param port where it listens
 * @param appPort where the app does
 */
export function startCachingProxy(port: number, appPort: number): Promise<{ stop(): Promise<void> }> {
  return start(port, (directory) => cachingServer(directory, port, appPort));
}

/** Puts nginx in front of an app as docs/deploying/linux.md says, but for name, port and certificate: with default buffers. */
export function startDocumentedProxy(port: number, appPort: number): Promise<{ stop(): Promise<void> }> {
  const guide = readFileSync(join(root, "docs/deploying/linux.md"), "utf8");
  const [, documented = ""] = /^```nginx\n([\s\S]*?)^```/m.exec(guide) ?? [];
  const changes = [
    ["server 127.0.0.1:3000;", `server localhost:${appPort};`],
    ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
    [/ssl_certificate\w* [^;]+;/g, ""],
    // That of plain http.
    [/^server \{\n {2}listen 80;[\s\S]*?^\}\n/m, ""],
  ] as const;
  const server = changes.reduce((text, [from, to]) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`docs/deploying/linux.md has no ${from}`);
    return changed;
  }, documented);
  return start(port, () => server);
}

async function start(port: number, servers: (directory: string) => string): Promise<{ stop(): Promise<void> }> {
  const nginx = findNginx();
  if (!nginx) throw new Error("There is no nginx on this machine.");
  const directory = mkdtempSync(join(tmpdir(), "daemun-nginx-"));
  for (const folder of ["cache", "body", "proxy", "other"]) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, "nginx.conf"), configuration(directory, servers(directory)));
  const child = spawn(nginx, ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", "stderr"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const letGo = tie(child, "SIGKILL", { group: true });
  const stop = async () => {
    await endGroup(child, 3_000);
    letGo();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await waitUntilHealthy(`http://localhost:${port}`, exitOf(child), 10_000);
  } catch (cause) {
    await stop();
    throw new Error(`nginx did not come up:\n${output}`, { cause });
  }
  return { stop };
}

function configuration(directory: string, servers: string): string {
  return `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/other;
  uwsgi_temp_path ${directory}/other;
  scgi_temp_path ${directory}/other;
  ${servers}
}
`;
}

function cachingServer(directory: string, port: number, appPort: number): string {
  return `
  proxy_cache_path ${directory}/cache keys_zone=shared:10m use_temp_path=off;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://localhost:${appPort};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffer_size 16k;
      proxy_buffers 8 16k;
      proxy_cache shared;
      proxy_cache_key $request_uri;
      proxy_cache_valid any 1m;
      add_header X-Cache-Status $upstream_cache_status always;
    }
  }
`;
}
