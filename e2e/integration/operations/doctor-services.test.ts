import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../../support/certificates";
import { amiss, askDoctor } from "../../support/doctor";
import { openTestApp, type TestApp } from "../../support/test-app";

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app?.close());

describe("a service that misbehaves: its fault is found, and no other", () => {
  it.each([
    ["answers everybody", 200, "serviceOpen:shopping"],
    ["fails", 502, "serviceFailing:shopping"],
  ])("one that %s", async (_, status, code) => {
    const { control } = app.services.shopping;
    await control.addFault({ times: null, fault: { kind: "respond", status } });
    expect(amiss((await askDoctor(app.environment)).report)).toEqual([code]);
    await control.reset();
  });
});

describe("a certificate that is wrong is told as what it is, and no other fault", () => {
  const folder = mkdtempSync(join(tmpdir(), "daemun-doctor-"));
  const caFile = join(folder, "ca.pem");
  const [known, stranger] = [createAuthority(), createAuthority()];
  writeFileSync(caFile, known.ca);
  const servers: Server[] = [];
  afterAll(() => {
    rmSync(folder, { recursive: true });
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Serves 401 over TLS. */
  async function serve(certificate: { key: string; cert: string }): Promise<string> {
    const server = createServer(certificate, (_, response) => response.writeHead(401).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  const report = async (env: Record<string, string>) =>
    (await askDoctor({ ...app.environment, NODE_EXTRA_CA_CERTS: caFile, ...env })).report;

  it("a service with a good certificate of an authority that Node was told of has no fault", async () => {
    const url = await serve(known.issue({ host: "localhost" }));
    expect(amiss(await report({ SERVICE_SHOPPING_URL: url }))).toEqual([]);
  });

  it("one of an authority that Node was not told of at all", async () => {
    const url = await serve(stranger.issue({ host: "localhost" }));
    const env = { SERVICE_SHOPPING_URL: url, NODE_EXTRA_CA_CERTS: "" };
    expect(amiss(await report(env))).toEqual(["serviceCertificate:shopping"]);
  });

  it.each([
    ["has expired", { host: "localhost", days: -1 }, known, /has expired/, /^Renew the certificate/],
    ["is for another name", { host: "other.test" }, known, /is for another name/, /_(?:URL|ISSUER) as it is in the/],
    [
      "is from an unknown authority by the name of a known one",
      { host: "localhost" },
      stranger,
      /Node does not know/,
      /NODE_EXTRA_CA_CERTS/,
    ],
  ])("one of a service, or of a provider, that %s", async (_, wish, authority, said, cure) => {
    const url = await serve(authority.issue(wish));
    const faults = await Promise.all([report({ SERVICE_SHOPPING_URL: url }), report({ AUTH_PARTNER_ISSUER: url })]);
    expect(faults.map(amiss)).toEqual([["serviceCertificate:shopping"], ["providerCertificate:partner"]]);
    for (const { findings } of faults) {
      const found = findings.find(({ code }) => code.endsWith("Certificate"));
      expect(found?.said).toMatch(said);
      expect(found?.said).toContain(url);
      expect(found?.cure).toMatch(cure);
    }
  });
});
