import { createHash } from "node:crypto";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { pattern } from "./downloads";
import { type Behind, posting, startBehind } from "./testing/behind";

let behind: Behind;
let token: string;
beforeAll(async () => {
  behind = await startBehind();
  token = await behind.shoppingToken();
});
afterAll(() => behind.stop());
afterEach(() => behind.services.shopping.control.reset());

const ask = (path: string, init?: RequestInit) => behind.call("shopping", path, token, init);
const order = { item: "Pine beam", quantity: 3 };

describe("orders", () => {
  it("are placed, listed, read and taken back", async () => {
    expect(await (await ask("/orders")).json()).toEqual({ orders: [] });
    const placed = await ask("/orders", posting(order));
    const body = await placed.json();
    expect([placed.status, placed.headers.get("location")]).toEqual([201, `/orders/${body.id}`]);
    expect(body).toMatchObject(order);
    expect(await (await ask("/orders")).json()).toEqual({ orders: [body] });
    expect(await (await ask(`/orders/${body.id}`)).json()).toEqual(body);
    expect((await ask(`/orders/${body.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await ask(`/orders/${body.id}`)).status).toBe(404);
    expect(await (await ask("/orders")).json()).toEqual({ orders: [] });
  });

  it("are not there for anybody else, nor for the same subject of another issuer", async () => {
    const { id } = await (await ask("/orders", posting(order))).json();
    const others = [
      await behind.shoppingToken({ claims: { sub: "minsu" } }),
      await behind.shoppingToken({ issuer: "partner" }),
    ];
    for (const other of others) {
      expect(await (await behind.call("shopping", "/orders", other)).json()).toEqual({ orders: [] });
      expect((await behind.call("shopping", `/orders/${id}`, other)).status).toBe(404);
      expect((await behind.call("shopping", `/orders/${id}`, other, { method: "DELETE" })).status).toBe(404);
    }
    expect((await ask(`/orders/${id}`)).status).toBe(200);
  });

  it("are refused when they are no JSON, too long, or make no sense", async () => {
    const wrong: [number, string][] = [
      [400, "{"],
      [413, JSON.stringify({ ...order, item: "x".repeat(1_000_000) })],
      [422, JSON.stringify({ item: "", quantity: 1 })],
      [422, JSON.stringify({ ...order, quantity: 0 })],
      [422, JSON.stringify({ ...order, price: 0 })],
    ];
    for (const [status, body] of wrong) {
      const answer = await ask("/orders", { method: "POST", body });
      expect(answer.status).toBe(status);
      expect(await answer.json()).toEqual({ error: expect.any(String), error_description: expect.any(String) });
    }
  });
});

describe("uploads", () => {
  it("are counted and hashed as they arrive", async () => {
    const pieces = [...pattern(0, 3_000_001)];
    const answer = await ask("/uploads", { method: "POST", body: new Blob(pieces as BlobPart[]) });
    expect(await answer.json()).toEqual({ bytes: 3_000_001, sha256: sha256(pieces) });
    expect(behind.services.shopping.control.journal().at(-1)).toMatchObject({ bodyBytes: 3_000_001 });
  });

  it("that are broken off are no upload, and no fault of the service", async () => {
    const complained = vi.spyOn(console, "error");
    const { port } = new URL(behind.services.shopping.url);
    const headers = { authorization: `Bearer ${token}`, "content-length": "1000000" };
    const sent = request({ host: "127.0.0.1", port, path: "/uploads", method: "POST", headers });
    sent.once("error", () => {}).write(Buffer.alloc(5_000));
    const entry = () => behind.services.shopping.control.journal().at(-1);
    await expect.poll(() => entry()?.bodyBytes).toBe(5_000);
    sent.destroy();
    await expect.poll(() => entry()?.abortedAt).not.toBeNull();
    expect(entry()).toMatchObject({ status: null, bodyBytes: 5_000 });
    expect((await ask("/orders")).status).toBe(200);
    expect(complained).not.toHaveBeenCalled();
    complained.mockRestore();
  });
});

describe("downloads", () => {
  it("are as long as asked for and the same each time", async () => {
    const whole = await ask("/downloads/200001");
    expect(whole.headers.get("content-length")).toBe("200001");
    expect(sha256([await bytesOf(whole)])).toBe(sha256([...pattern(0, 200_001)]));
    expect(await bytesOf(await ask("/downloads/0"))).toHaveLength(0);
  });

  it("do not tell their length when asked not to", async () => {
    const chunked = await ask("/downloads/100000?chunked=1");
    expect(chunked.headers.get("content-length")).toBeNull();
    expect(await bytesOf(chunked)).toHaveLength(100_000);
  });

  it.each([
    ["bytes=65530-65545", "bytes 65530-65545/200000", 65_530, 16],
    ["bytes=199990-", "bytes 199990-199999/200000", 199_990, 10],
    ["bytes=-5", "bytes 199995-199999/200000", 199_995, 5],
    ["bytes=199999-900000", "bytes 199999-199999/200000", 199_999, 1],
  ])("answer the range %s alone", async (range, contentRange, start, length) => {
    const part = await ask("/downloads/200000", { headers: { range } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, contentRange]);
    expect(await bytesOf(part)).toEqual(Buffer.concat([...pattern(start, length)]));
  });

  it("answer the whole for what is no single range, and 416 for one that is empty", async () => {
    for (const range of ["bytes=0-1,5-6", "bytes=9-2", "lines=1-2", "bytes=-"]) {
      expect((await ask("/downloads/10", { headers: { range } })).status).toBe(200);
    }
    const beyond = await ask("/downloads/10", { headers: { range: "bytes=10-" } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
  });

  it("go no faster than they are read, and stop when nobody reads any more", async () => {
    const size = 500_000_000;
    const cancelled = new AbortController();
    const answer = await ask(`/downloads/${size}`, { signal: cancelled.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    const entry = () => behind.services.shopping.control.journal().at(-1);
    cancelled.abort();
    await expect.poll(() => entry()?.abortedAt).not.toBeNull();
    expect(entry()?.sentBytes).toBeLessThan(size / 10);
  });

  it("are refused for what is no number of bytes", async () => {
    for (const bytes of ["x", "-1", "1e3", "99999999999"]) expect((await ask(`/downloads/${bytes}`)).status).toBe(422);
  });
});

describe("events", () => {
  it("come one by one until as many as asked for are told", async () => {
    const answer = await ask("/events?everyMs=10&count=3");
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const ids = [...(await answer.text()).matchAll(/^id: (\d+)\nevent: tick\ndata: \{"id":\d+,"time":"[^"]+"\}$/gm)];
    expect(ids.map(([, id]) => id)).toEqual(["1", "2", "3"]);
  });

  it("begin at once and end when nobody listens any more", async () => {
    const cancelled = new AbortController();
    const answer = await ask("/events", { signal: cancelled.signal });
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^id: 1\n/);
    const entry = () => behind.services.shopping.control.journal().at(-1);
    expect(entry()).toMatchObject({ abortedAt: null, endedAt: null });
    cancelled.abort();
    await expect.poll(() => entry()?.abortedAt).not.toBeNull();
  });

  it("are refused at a pace that is none", async () => {
    for (const query of ["everyMs=1", "everyMs=x", "count=0"]) expect((await ask(`/events?${query}`)).status).toBe(422);
  });
});

function sha256(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}
