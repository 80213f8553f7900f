import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { folderOf } from "../../support/field/programs";
import type { HttpBrowser } from "../../support/http-browser";
import { bytesOf, openCall } from "../../support/proxied";
import { openTestApp, signedIn, type TestApp } from "../../support/test-app";

const { tomcat: library } = inject("field");

/** A Tomcat that runs until `stop`, and which of its servlets were asked for what. */
async function startTomcat(jars: string) {
  const base = mkdtempSync(join(tmpdir(), "daemun-tomcat-"));
  const path = readdirSync(jars).map((name) => join(jars, name));
  const program = join(folderOf("tomcat"), "Upstream.java");
  const child: ChildProcess = spawn("java", ["-cp", path.join(delimiter), program, base], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const asked: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("exit", () => reject(new Error("Tomcat ended before it listened.")));
    let isFirst = true;
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      if (!isFirst) return void asked.push(line);
      isFirst = false;
      resolve(Number(line));
    });
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin?.end();
    await ended;
    rmSync(base, { recursive: true });
  };
  return { port, asked, stop };
}

const ask = (port: number, path: string) =>
  new Promise<string>((resolve, reject) => {
    request({ host: "127.0.0.1", port, path }, (answer) => bytesOf(answer).then(String).then(resolve, reject))
      .once("error", reject)
      .end();
  });

describe.skipIf(!library)("a Tomcat behind the proxy (needs java, mvn and Maven Central)", () => {
  let tomcat: Awaited<ReturnType<typeof startTomcat>>;
  let app: TestApp;
  let haneul: HttpBrowser;
  beforeAll(async () => {
    tomcat = await startTomcat(library ?? "");
    app = await openTestApp({ env: { SERVICE_SHOPPING_URL: `http://127.0.0.1:${tomcat.port}` } });
    haneul = await signedIn(app, { user: "haneul" });
  }, 300_000);
  afterAll(async () => {
    await app?.close();
    await tomcat?.stop();
  });

  const hostile = [
    "/orders/..;/admin",
    "/orders/..;x=1/admin",
    "/orders/.;/../admin",
    "/orders/%2e%2e/admin",
    "/orders/%2e%2e;/admin",
    "/orders/x/..;/..;/admin",
    "/orders/;/../admin",
    "/orders/1;/../../admin",
  ];

  it("FF-01: by itself it serves what its application calls admin", async () => {
    const served = await Promise.all(hostile.map((path) => ask(tomcat.port, path)));
    expect(served.filter((name) => name === "admin").length).toBeGreaterThan(2);
  });

  it("FF-01: through the proxy nothing but what the route names reaches it", async () => {
    tomcat.asked.length = 0;
    for (const path of hostile) {
      const answer = await openCall(app, haneul, `shopping${path}`).answer;
      expect([path, answer.statusCode]).toEqual([path, 400]);
      answer.resume();
    }
    for (const path of [
      "/orders/1",
      "/orders/a%20b",
      "/orders/%ED%95%9C",
      "/orders/file.tar.gz",
      "/orders/a@b:c+d,e",
    ]) {
      const answer = await openCall(app, haneul, `shopping${path}`).answer;
      expect([path, answer.statusCode, String(await bytesOf(answer))]).toEqual([path, 200, "orders"]);
    }
    expect(tomcat.asked).toHaveLength(5);
    expect(tomcat.asked.filter((line) => !line.startsWith("orders "))).toEqual([]);
  });
});
