import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { endGroup, exitOf } from "../../../dev/process/child";
import { tie } from "../../../dev/process/tied";
import { waitUntilHealthy } from "../../../dev/run/app";
import { root } from "../../../dev/run/build";
import { HttpBrowser } from "../../support/http-browser";
import { followDockerfile, type Image } from "../../support/image";
import { openTestApp, signedIn, signIn, type TestApp, whoIs } from "../../support/test-app";

const read = (path: string) => readFileSync(join(root, path), "utf8");
// Who owns nothing here, where this runs as one who may become another.
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe("the image, as its Dockerfile says", () => {
  let app: TestApp;
  let built: { image: Image; remove(): void };
  let server: ChildProcess | undefined;
  let output = "";

  beforeAll(async () => {
    // The providers, the database and the variables of an app; the image takes its place.
    app = await openTestApp();
    await app.instance.stop();
    built = await followDockerfile(read("Dockerfile"));
    const { folder, workdir, env, command } = built.image;
    const port = new URL(app.url).port;
    const child = spawn(process.execPath, command.slice(1), {
      cwd: join(folder, workdir),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...nobody,
      env: { PATH: process.env.PATH, ...app.environment, ...env, HOSTNAME: "localhost", PORT: port } as never,
    });
    server = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    tie(child, "SIGKILL", { group: true });
    await waitUntilHealthy(app.url, exitOf(child), 30_000).catch((cause) => {
      throw new Error(`It did not come up:\n${output}`, { cause });
    });
  }, 900_000);

  afterAll(async () => {
    if (server) await endGroup(server, 5_000);
    built?.remove();
    await app?.close();
  });

  it("runs as a user of its own, holds no development dependency and no source, and answers its health check", () => {
    expect([built.image.user, built.image.command]).toEqual(["node", ["node", "server.js"]]);
    const has = (path: string) => {
      try {
        return readFileSync(join(built.image.folder, built.image.workdir, path)).length > 0;
      } catch {
        return false;
      }
    };
    expect(["node_modules/tsx/package.json", "server/start.ts", ".env"].filter(has)).toEqual([]);
    expect(read("Dockerfile")).toMatch(/^HEALTHCHECK .*\/healthz/m);
  });

  it("serves the sign-in page with its files, and gates what needs a session", async () => {
    const browser = new HttpBrowser();
    const page = await browser.request(`${app.url}/sign-in`);
    expect(page.status).toBe(200);
    const files = [...page.body.matchAll(/(?:src|href)="(\/_next\/static\/[^"]+)"/g)].map(([, path]) => path);
    expect(files.some((path) => path?.includes(".css"))).toBe(true);
    for (const path of [...new Set(files), "/robots.txt", "/icon.svg"])
      expect([path, (await browser.request(app.url + path)).status]).toEqual([path, 200]);
    const gated = await browser.request(`${app.url}/account`);
    expect([gated.status, gated.location]).toEqual([307, `${app.url}/sign-in?returnTo=%2Faccount`]);
    expect((await browser.fetch(`${app.url}/readyz`)).status).toBe(200);
  });

  it("signs somebody in and keeps idle connections longer than a load balancer does", async () => {
    const browser = new HttpBrowser();
    expect((await signIn(app, browser)).status).toBe(303);
    expect(await whoIs(app, browser)).toMatchObject({ sub: "minsu" });
    expect((await browser.request(`${app.url}/account`)).status).toBe(200);
    const answered = await fetch(`${app.url}/healthz`);
    await answered.body?.cancel();
    expect(answered.headers.get("keep-alive")).toBe("timeout=75");
  });

  it("refuses a form that cannot be read, as it does beside its source", async () => {
    const browser = await signedIn(app);
    const headers = { "Content-Type": "multipart/form-data; boundary=x" };
    expect((await browser.request(`${app.url}/sign-in`, { method: "POST", body: "no parts", headers })).status).toBe(
      400,
    );
  });

  it("ends within fifteen seconds of being told to", async () => {
    const ended = exitOf(server as ChildProcess);
    server?.kill("SIGTERM");
    expect(await ended).toBe(143);
    // It may write nowhere, and has not tried.
    expect(output).not.toMatch(/EACCES|EROFS|EPERM/);
  }, 40_000);
});

interface Manifest {
  kind?: string;
  services?: Record<string, { read_only?: boolean; stop_grace_period?: string; depends_on?: object }>;
  spec?: { replicas?: number; template?: { spec: { containers: Record<string, { httpGet?: { path: string } }>[] } } };
}

const yamlOf = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    return document.toJS() as Manifest;
  });

describe("files for hosts that are not here, which are parsed and not run", () => {
  it("compose.yaml starts PostgreSQL, then the migrations, then the app with a read-only root", () => {
    const [{ services = {} } = {}] = yamlOf(read("compose.yaml"));
    expect(Object.keys(services)).toEqual(["database", "migrate", "app"]);
    expect(services.app).toMatchObject({ read_only: true, stop_grace_period: "15s", depends_on: { migrate: {} } });
  });

  it("the manifests for Kubernetes probe what each probe is for, in two replicas", () => {
    const blocks = [...read("docs/deploying/kubernetes.md").matchAll(/^```yaml\n([\s\S]*?)^```/gm)];
    const manifests = blocks.flatMap(([, text = ""]) => yamlOf(text));
    expect(manifests.map(({ kind }) => kind)).toEqual(["Deployment", "Service", "Job"]);
    const { replicas, template } = manifests[0]?.spec ?? {};
    expect(replicas).toBe(2);
    expect(template?.spec.containers[0]).toMatchObject({
      livenessProbe: { httpGet: { path: "/healthz" } },
      readinessProbe: { httpGet: { path: "/readyz" } },
      securityContext: { readOnlyRootFilesystem: true },
    });
  });

  it("the unit of systemd has its three sections, each line a name and a value", () => {
    const [, unit = ""] = /^```ini\n([\s\S]*?)^```/m.exec(read("docs/deploying/linux.md")) ?? [];
    const lines = unit.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.filter((line) => !/^(?:\[\w+\]|\w+=.+)$/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("["))).toEqual(["[Unit]", "[Service]", "[Install]"]);
    expect(lines).toEqual(expect.arrayContaining(["TimeoutStopSec=15", "User=daemun", "ProtectSystem=strict"]));
  });
});
