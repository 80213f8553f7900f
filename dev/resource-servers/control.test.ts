import { request as httpRequest } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
const control = () => behind.services.shopping.control;
const failed = (asked: Promise<unknown>) => asked.then(() => null).catch((error: Error) => error);

/** A request with a target and headers as they are written here. */
function sendAsIs(target: string, headers: string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(behind.services.shopping.url);
    const sent = httpRequest({ host: "127.0.0.1", port, path: target, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    sent.once("error", reject).end();
  });
}

describe("the journal of a service", () => {
  it("has requests as they were sent: target, headers, size, status", async () => {
    await sendAsIs("/orders/..%2f//x?a=%41&b", ["Host", "h", "X-Mixed", "1", "x_mixed", "2", "X-Mixed", "3"]);
    await ask("/orders", posting({ item: "Pine beam", quantity: 1 }));
    const [first, second] = control().journal();
    expect(first).toMatchObject({ method: "GET", target: "/orders/..%2f//x?a=%41&b", status: 401, bodyBytes: 0 });
    expect(first?.rawHeaders.slice(0, 8)).toEqual(["Host", "h", "X-Mixed", "1", "x_mixed", "2", "X-Mixed", "3"]);
    expect(second).toMatchObject({ method: "POST", target: "/orders", status: 201, bodyBytes: 33, faults: [] });
    expect(control().journal(first?.seq)).toHaveLength(1);
  });

  it("counts the body of a refused request too", async () => {
    const body = "x".repeat(300_000);
    expect((await behind.call("shopping", "/orders", null, { method: "POST", body })).status).toBe(401);
    await expect.poll(() => control().journal().at(-1)?.bodyBytes).toBe(300_000);
  });

  it("forgets when told to, and goes on counting", async () => {
    await ask("/orders");
    const last = control().journal().at(-1)?.seq ?? 0;
    control().clearJournal();
    expect(control().journal()).toEqual([]);
    await ask("/orders");
    expect(control().journal().at(-1)?.seq).toBe(last + 1);
  });
});

describe("the echo of a service", () => {
  it("tells what arrived, and never the token", async () => {
    const answer = await ask("/echo/some//path?x=1", { method: "PATCH", body: "hello", headers: { "X-Id": "7" } });
    const text = await answer.text();
    expect(text).not.toContain(token);
    const told = JSON.parse(text);
    expect(told).toMatchObject({
      method: "PATCH",
      target: "/echo/some//path?x=1",
      token: { sub: "haneul", aud: ["https://shopping.example/api"], client_id: "daemun", organization_id: null },
      body: { bytes: 5, sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" },
    });
    expect(told.headers).toEqual(expect.arrayContaining(["X-Id", "7", "authorization", "Bearer (not shown)"]));
  });

  it("is there at each service, for a good token only", async () => {
    const store = await behind.call("store", "/echo", await behind.storeToken());
    expect((await store.json()).token).toMatchObject({ organization_id: "org_hanok" });
    for (const id of ["shopping", "store", "notes"] as const) {
      expect((await behind.call(id, "/echo", null)).status).toBe(401);
    }
  });
});

describe("a service that is told to", () => {
  it("answers something else, as often as it was told", async () => {
    control().addFault({
      fault: { kind: "respond", status: 500, headers: { "set-cookie": ["a=1", "b=2"], "x-secret": "s" }, body: "oops" },
      times: 2,
    });
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask("/orders");
      expect([answer.status, answer.headers.getSetCookie(), await answer.text()]).toEqual([
        500,
        ["a=1", "b=2"],
        "oops",
      ]);
    }
    expect((await ask("/orders")).status).toBe(200);
    expect(control().journal().at(-2)?.faults).toEqual(["respond"]);
  });

  it("refuses a good token once, n times, or until cleared", async () => {
    control().addFault({ fault: { kind: "unauthorized" } });
    const refused = await ask("/orders");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect((await ask("/orders")).status).toBe(200);
    const { id } = control().addFault({ fault: { kind: "unauthorized" }, times: null });
    for (let time = 0; time < 3; time += 1) expect((await ask("/orders")).status).toBe(401);
    expect(control().faults()).toHaveLength(1);
    control().clearFaults(id);
    expect((await ask("/orders")).status).toBe(200);
  });

  it("sends callers elsewhere", async () => {
    control().addFault({ fault: { kind: "redirect", location: "http://localhost:1/evil", status: 307 } });
    const answer = await ask("/orders");
    expect([answer.status, answer.headers.get("location")]).toEqual([307, "http://localhost:1/evil"]);
  });

  it("misbehaves only at the path that was named", async () => {
    control().addFault({ fault: { kind: "respond", status: 503 }, path: "/orders" });
    expect((await ask("/echo")).status).toBe(200);
    expect((await ask("/orders?x=1")).status).toBe(503);
  });

  it("waits before it answers", async () => {
    control().addFault({ fault: { kind: "delay", delayMs: 150 } });
    const before = performance.now();
    expect((await ask("/orders")).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(140);
  });

  it("hangs until the caller gives up, and knows when that was", async () => {
    control().addFault({ fault: { kind: "hang" } });
    const gaveUp = new AbortController();
    const asked = failed(ask("/orders", { signal: gaveUp.signal }));
    await expect.poll(() => control().journal().length).toBe(1);
    gaveUp.abort();
    expect(await asked).toMatchObject({ name: "AbortError" });
    await expect.poll(() => control().journal()[0]?.abortedAt).not.toBeNull();
    expect(control().journal()[0]).toMatchObject({ status: null });
  });

  it("drips its answer", async () => {
    control().addFault({ fault: { kind: "drip", everyMs: 5, bytes: 4 } });
    const answer = await ask("/orders");
    const pieces: string[] = [];
    for await (const piece of answer.body ?? []) pieces.push(new TextDecoder().decode(piece));
    expect(pieces.join("")).toBe('{"orders":[]}');
    expect(pieces.length).toBeGreaterThan(1);
  });

  it("resets the connection before anything happens, or in the middle of the answer", async () => {
    control().addFault({ fault: { kind: "reset" } });
    expect(await failed(ask("/orders", posting({ item: "x", quantity: 1 })))).toBeInstanceOf(Error);
    expect(await (await ask("/orders")).json()).toEqual({ orders: [] });

    control().addFault({ fault: { kind: "reset", afterBytes: 100_000 } });
    const answer = await ask("/downloads/1000000");
    expect(answer.status).toBe(200);
    expect(await failed(answer.arrayBuffer())).toBeInstanceOf(Error);
    expect(control().journal().at(-1)).toMatchObject({ status: 200, sentBytes: 100_000, abortedAt: null });
  });

  it("refuses connections, and takes them on the same port again", async () => {
    const open = failed(ask("/events").then((answer) => answer.text()));
    await expect.poll(() => control().journal().length).toBe(1);
    await control().refuseConnections();
    expect(await open).toBeInstanceOf(Error);
    expect(await failed(ask("/orders"))).toMatchObject({ cause: { code: "ECONNREFUSED" } });
    await control().acceptConnections();
    expect((await ask("/orders")).status).toBe(200);
  });

  it("forgets all of it when it is reset", async () => {
    await ask("/orders", posting({ item: "Pine beam", quantity: 1 }));
    control().addFault({ fault: { kind: "hang" }, times: null });
    await control().refuseConnections();
    expect(await failed(ask("/orders"))).toBeInstanceOf(Error);
    await control().reset();
    expect(control().journal()).toEqual([]);
    expect(await (await ask("/orders")).json()).toEqual({ orders: [] });
  });

  it("takes no fault that it does not know", () => {
    expect(() => control().addFault({ fault: { kind: "explode" } as never })).toThrow();
    expect(control().faults()).toEqual([]);
  });
});
