import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { download } from "./downloads";
import { json, Rejection } from "./http/answer";
import { readJson } from "./http/json-body";
import type { Call, Route } from "./http/routes";
import type { ServiceScopes } from "./names";
import type { ServiceDefinition } from "./service";
import { userKey, type VerifyToken } from "./tokens/access-token";

const orderSchema = z.strictObject({
  item: z.string().trim().min(1).max(100),
  quantity: z.number().int().min(1).max(999),
});

interface Order extends z.infer<typeof orderSchema> {
  id: string;
  placedAt: string;
}

const tickSchema = z.object({
  everyMs: z.coerce.number().int().min(10).max(60_000).default(1_000),
  /** How many events until the end; no end when absent. */
  count: z.coerce.number().int().min(1).optional(),
});

/** Orders of people, and what is large or takes long: events, uploads, downloads. */
export function ordersService(verify: VerifyToken, { read, write }: ServiceScopes): ServiceDefinition {
  const users = new Map<string, Map<string, Order>>();
  const ordersOf = ({ token }: Call) => users.get(userKey(token)) ?? new Map<string, Order>();
  const orderOf = (call: Call): Order => {
    const order = ordersOf(call).get(call.id);
    // Somebody else's is not there either.
    if (!order) throw new Rejection(404, "not_found", "There is no such order.");
    return order;
  };

  const routes: Route[] = [
    {
      method: "GET",
      path: "/orders",
      scope: read,
      handle: (call) => json(200, { orders: [...ordersOf(call).values()] }),
    },
    {
      method: "POST",
      path: "/orders",
      scope: write,
      handle: async (call) => {
        const wanted = await readJson(call.body, orderSchema);
        const order: Order = { id: randomUUID(), ...wanted, placedAt: new Date().toISOString() };
        users.set(userKey(call.token), ordersOf(call).set(order.id, order));
        return json(201, order, { location: `/orders/${order.id}` });
      },
    },
    { method: "GET", path: "/orders/:", scope: read, handle: (call) => json(200, orderOf(call)) },
    {
      method: "DELETE",
      path: "/orders/:",
      scope: write,
      handle: (call) => {
        ordersOf(call).delete(orderOf(call).id);
        return { status: 204, headers: {}, body: Buffer.alloc(0) };
      },
    },
    { method: "GET", path: "/events", scope: read, handle: events },
    { method: "POST", path: "/uploads", scope: write, handle: upload },
    { method: "GET", path: "/downloads/:", scope: read, handle: download },
  ];
  return { verify, routes, forget: () => users.clear() };
}

/** Server-sent events, the first at once. */
function events({ query, signal }: Call) {
  const asked = tickSchema.safeParse(Object.fromEntries(query));
  if (!asked.success) throw new Rejection(422, "invalid_input", z.prettifyError(asked.error));
  return {
    status: 200,
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    body: ticks(asked.data, signal),
  };
}

async function* ticks(
  { everyMs, count = Number.POSITIVE_INFINITY }: z.infer<typeof tickSchema>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let id = 1; id <= count; id += 1) {
    if (id > 1) await sleep(everyMs, undefined, { ref: false, signal });
    yield Buffer.from(`id: ${id}\nevent: tick\ndata: ${JSON.stringify({ id, time: new Date().toISOString() })}\n\n`);
  }
}

/** Reads the body away, and answers how much of what it was. */
async function upload({ body }: Call) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return json(200, { bytes, sha256: hash.digest("hex") });
}
