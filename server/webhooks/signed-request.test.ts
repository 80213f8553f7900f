import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { signedRequest } from "./signed-request";

const [first, second] = [Buffer.alloc(32, "first key"), Buffer.alloc(32, "second key")] as const;
const message = {
  id: "0f9d7c1e-5d0a-4f57-9c58-9d1f4a0c9b11",
  event: "sign_out",
  data: { userId: "u", scope: "everywhere" },
  at: new Date("2026-11-30T00:00:00.000Z"),
};

it.each([first, second])("a receiver that knows one of the keys verifies it with the published library", (key) => {
  const { body, headers } = signedRequest(message, { keys: [first, second], now: new Date() });
  expect(new Webhook(key.toString("base64")).verify(body, headers)).toEqual({
    type: "sign_out",
    timestamp: "2026-11-30T00:00:00.000Z",
    data: { userId: "u", scope: "everywhere" },
  });
});

it("a receiver with another key, with another body, or much later refuses it", () => {
  const { body, headers } = signedRequest(message, { keys: [first], now: new Date() });
  expect(() => new Webhook(second.toString("base64")).verify(body, headers)).toThrow();
  expect(() => new Webhook(first.toString("base64")).verify(`${body} `, headers)).toThrow();
  const old = signedRequest(message, { keys: [first], now: new Date(Date.now() - 600_000) });
  expect(() => new Webhook(first.toString("base64")).verify(old.body, old.headers)).toThrow();
});

it("every attempt has the same id, and a time and a signature of its own", () => {
  const at = (ms: number) => signedRequest(message, { keys: [first], now: new Date(ms) }).headers;
  const [one, two] = [at(1_000_000), at(2_000_000)];
  expect(one["webhook-id"]).toBe("msg_0f9d7c1e-5d0a-4f57-9c58-9d1f4a0c9b11");
  expect(two["webhook-id"]).toBe(one["webhook-id"]);
  expect([one["webhook-timestamp"], two["webhook-timestamp"]]).toEqual(["1000", "2000"]);
  expect(two["webhook-signature"]).not.toBe(one["webhook-signature"]);
});

it("the receiver of docs/webhooks.md takes a message once, and nobody else's", async () => {
  const { readFileSync } = await import("node:fs");
  const [, block = ""] = /```js\n([\s\S]*?)```/.exec(readFileSync("docs/webhooks.md", "utf8")) ?? [];
  const code = block.replace(/^import .*$/m, "").replace("export async function", "return async function");
  const lines: unknown[][] = [];
  const read = new Function("Webhook", "process", "console", code) as (...given: unknown[]) => typeof receive;
  const WEBHOOK_SECRET = `whsec_${first.toString("base64")}`;
  const receive: (request: Request) => Promise<Response> = read(
    Webhook,
    { env: { WEBHOOK_SECRET } },
    { log: (...line: unknown[]) => lines.push(line) },
  );
  const post = (key: Buffer) => {
    const { body, headers } = signedRequest(message, { keys: [key], now: new Date() });
    return receive(new Request("https://hooks.example/daemun", { method: "POST", headers, body }));
  };
  expect([(await post(first)).status, (await post(first)).status, (await post(second)).status]).toEqual([
    204, 204, 400,
  ]);
  expect(lines).toEqual([["sign_out", "u"]]);
});
