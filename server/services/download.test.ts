import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { downloadOf } from "./download";

function answerOf(stream: Readable, type = "application/octet-stream"): IncomingMessage {
  return Object.assign(stream, { headers: { "content-type": type } }) as unknown as IncomingMessage;
}

it("nothing is read ahead of whoever reads", async () => {
  let made = 0;
  const source = new Readable({
    highWaterMark: 1,
    read() {
      made += 1;
      this.push(Buffer.alloc(1000));
    },
  });
  const reader = downloadOf(answerOf(source)).getReader();
  for (let read = 0; read < 5; read += 1) await reader.read();
  expect(made).toBeLessThan(10);
  await reader.cancel();
  expect(source.destroyed).toBe(true);
});

it("a service that stops in the middle ends the answer with an error, and one of events may be silent", async () => {
  const silent = () => new Readable({ read: () => {} });
  const stopped = silent();
  await expect(downloadOf(answerOf(stopped), { pauseMs: 20 }).getReader().read()).rejects.toThrow("stopped");
  expect(stopped.destroyed).toBe(true);
  const events = silent();
  const reader = downloadOf(answerOf(events, "text/event-stream"), { pauseMs: 20 }).getReader();
  setTimeout(() => events.push("data: 1\n\n"), 100);
  expect(String((await reader.read()).value)).toBe("data: 1\n\n");
  await reader.cancel();
});

it("its head can go before its first byte", async () => {
  const stream = downloadOf(answerOf(Readable.from([Buffer.from("x")])), { headAtOnce: true });
  const lengths: number[] = [];
  for await (const chunk of stream) lengths.push(chunk.length);
  expect(lengths).toEqual([0, 1]);
});
