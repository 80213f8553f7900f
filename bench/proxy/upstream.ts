import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// A service that costs next to nothing: it verifies no token and says the same to everybody.
const orders = Array.from({ length: 10 }, (_, index) => ({
  id: `0b8c2a54-2f6e-4f0c-9d0e-6a1f0c7de0${10 + index}`,
  item: "A box of persimmons",
  quantity: 1 + index,
  placedAt: "2026-11-21T09:00:00.000Z",
}));
const body = Buffer.from(JSON.stringify({ orders }));
const headers = { "content-type": "application/json", "content-length": body.length };

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  response.writeHead(200, headers).end(body);
});
server.listen(0, "localhost", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
