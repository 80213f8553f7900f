import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { type AddressTrust, type ClientAddress, createAddressReader, tellsAddresses } from "./client-address";
import { networkOf, parseAddress } from "./ip-address";

describe("FF-68: an address as a proxy wrote it", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7:4711", "203.0.113.7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["[2001:db8::7]:4711", "2001:db8::7"],
    ["2001:db8::7", "2001:db8::7"],
    ["2001:0DB8:0000:0000:0000:0000:0000:0007", "2001:db8::7"],
    ["2001:db8:1:2:3:4:5:6:4711", "2001:db8:1:2:3:4:5:6"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["[::FFFF:203.0.113.7]:4711", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
  ])("%s is %s", (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each([
    "",
    "unknown",
    "_hidden",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.7:",
    "203.0.113.7:4711:1",
    "203.0.113.7:x",
    "[203.0.113.7]:1",
    "[2001:db8::7",
    "2001:db8::7]",
    "1::2::3",
    "203.0.113.7 203.0.113.8",
    "for=203.0.113.7",
    "localhost",
    `${"1".repeat(5000)}:80`,
  ])("%j is none", (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["64:ff9b::cb00:7107", "203.0.113.7"],
  ])("%s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

/** What a real request with these headers, in this order, came from. */
async function read(trust: Partial<AddressTrust>, headers: [string, string][] = []): Promise<ClientAddress> {
  const reader = createAddressReader({ trustedProxyHops: null, header: null, secure: false, ...trust });
  const server = createServer((request, response) => response.end(JSON.stringify(reader(request))));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await new Promise((resolve, reject) => {
      const sent = get({ host: "127.0.0.1", port, headers: ["Host", "localhost", ...headers.flat()] }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve(JSON.parse(body)));
      });
      sent.on("error", reject);
    });
  } finally {
    server.close();
  }
}

const forged = "X-Forwarded-For";
const one = (address: string) => ({ address, network: address });

describe("FF-68: where a request came from", () => {
  it("is the socket's peer where no proxy is ours, whatever the headers say", async () => {
    const headers: [string, string][] = [
      [forged, "198.51.100.1"],
      ["X-Real-IP", "198.51.100.2"],
      ["Forwarded", "for=198.51.100.3"],
    ];
    expect(await read({}, headers)).toEqual(one("127.0.0.1"));
    expect(await read({ trustedProxyHops: 0 }, headers)).toEqual(one("127.0.0.1"));
  });

  it("is what the last proxy of ours saw: nobody is counted as whom they write in front of it", async () => {
    const header = "198.51.100.1, 203.0.113.7:50000, [2001:db8::7]:50000";
    expect(await read({ trustedProxyHops: 1 }, [[forged, header]])).toEqual({
      address: "2001:db8::7",
      network: "2001:db8:0:0::/64",
    });
    expect(await read({ trustedProxyHops: 2 }, [[forged, header]])).toEqual(one("203.0.113.7"));
    const twice: [string, string][] = [
      [forged, "198.51.100.1"],
      [forged, "203.0.113.7"],
    ];
    expect(await read({ trustedProxyHops: 1 }, twice)).toEqual(one("203.0.113.7"));
  });

  it("is told by nobody who came around our proxies; they are counted by their socket", async () => {
    const unknown = { address: null, network: "127.0.0.1" };
    expect(await read({ trustedProxyHops: 2 }, [[forged, "203.0.113.7"]])).toEqual(unknown);
    expect(await read({ trustedProxyHops: 1 })).toEqual(unknown);
    expect(await read({ trustedProxyHops: 1 }, [[forged, "203.0.113.7, unknown"]])).toEqual(unknown);
    expect(await read({ header: "x-real-ip" })).toEqual(unknown);
  });

  it("is what the platform's header says, before the hops; of several the one that was added last", async () => {
    const headers: [string, string][] = [
      [forged, "198.51.100.1"],
      ["x-real-ip", "198.51.100.2"],
      ["X-Real-IP", "203.0.113.7:4711"],
    ];
    const trust = { header: "X-Real-IP", trustedProxyHops: 1, secure: true };
    expect(await read(trust, headers)).toEqual(one("203.0.113.7"));
    expect(await read(trust, [[forged, "198.51.100.1"]])).toEqual({ address: null, network: "127.0.0.1" });
  });

  it("is not what limits count over https while nobody said what stands in front of the app", async () => {
    const trust = { trustedProxyHops: null, header: null, secure: true };
    expect(tellsAddresses(trust)).toBe(false);
    expect(await read(trust)).toEqual({ address: "127.0.0.1", network: null });
    expect(await read({ ...trust, trustedProxyHops: 0 })).toEqual(one("127.0.0.1"));
  });
});
