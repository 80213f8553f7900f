import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createProxy } from "node:http";
import { createServer, type Server } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../../support/certificates";
import { shareTestApp, type TestApp } from "../../support/test-app";

const major = Number(process.versions.node.split(".")[0]);

// A company's network: a certificate of its own authority, and nothing outside but by its proxy.
describe("a provider in a company's network", () => {
  const folder = mkdtempSync(join(tmpdir(), "daemun-ca-"));
  const file = (name: string) => join(folder, name);
  const connected: string[] = [];
  const proxy = createProxy().on("connect", ({ url = "" }, socket) => {
    connected.push(url);
    const onward = connect(Number(url.split(":")[1]), "localhost", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    socket.on("error", () => onward.destroy());
    onward.on("error", () => socket.destroy());
  });
  let app: TestApp;
  let provider: Server;
  let issuer: string;

  beforeAll(async () => {
    const authority = createAuthority();
    writeFileSync(file("ca.pem"), authority.ca);
    app = await shareTestApp();
    const plain = app.issuers.company ?? "";
    provider = createServer(authority.issue({ host: "localhost" }), (request, response) => {
      void fetch(plain + request.url).then(async (answered) => {
        const body = (await answered.text()).replaceAll(plain, issuer);
        response.writeHead(answered.status, { "Content-Type": "application/json" }).end(body);
      });
    });
    await new Promise<void>((resolve) => provider.listen(0, "localhost", resolve));
    await new Promise<void>((resolve) => proxy.listen(0, "localhost", resolve));
    issuer = `https://localhost:${(provider.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    for (const server of [provider, proxy]) {
      server?.closeAllConnections();
      server?.close();
    }
    await app?.close();
  });

  /** What `/readyz` says of an app that is told this besides. */
  async function readiness(env: Record<string, string>): Promise<string> {
    const sibling = await app.startSibling({ AUTH_PROVIDERS: "company", AUTH_COMPANY_ISSUER: issuer, ...env });
    const answered = await fetch(`${sibling.url}/readyz`);
    const { status } = (await answered.json()) as { status: string };
    await sibling.stop();
    return status;
  }

  it("is reached by an app that is told of the authority, and by no other", async () => {
    expect(await readiness({})).toBe("degraded");
    expect(await readiness({ NODE_EXTRA_CA_CERTS: file("ca.pem") })).toBe("ready");
  });

  it.skipIf(major < 24)("is reached by the network's proxy where Node knows how: from 24 on", async () => {
    const through = `http://localhost:${(proxy.address() as AddressInfo).port}`;
    const env = { NODE_EXTRA_CA_CERTS: file("ca.pem"), NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: through };
    expect(await readiness(env)).toBe("ready");
    expect(connected).toContain(new URL(issuer).host);
  });
});
