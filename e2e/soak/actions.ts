import type { HttpBrowser } from "../support/http-browser";
import type { Device } from "./device";
import { openEvents, ownCall } from "./event-stream";
import { targetOf } from "./provider-facts";
import { record } from "./recorder";
import type { Ghost } from "./world";

const shopping = "https://shopping.example/api";
const store = "https://store.example/api";
const resources = ["", shopping, store] as const;

const mostStreams = 2;

/** What a page of a signed-in user asks for, each with its weight in the choice. */
export const reads = {
  me: 14,
  account: 6,
  session: 4,
  keepAlive: 3,
  token: 20,
  crowd: 12,
  refresh: 8,
  orders: 14,
  order: 4,
  stream: 5,
  stop: 4,
};

type Read = keyof typeof reads;

/** Does one of them. */
export async function read(device: Device, kind: Read): Promise<void> {
  switch (kind) {
    case "me":
      await device.ask("GET /api/me", (browser) => browser.fetch(device.url("/api/me")));
      return;
    case "account":
      await device.ask("GET /account", (browser) => browser.request(device.url("/account")));
      return;
    case "session":
      await device.ask("GET /api/session", (browser) => browser.fetch(device.url("/api/session")));
      return;
    case "keepAlive": {
      const options = { method: "POST", headers: ownCall };
      await device.ask("POST keep-alive", (browser) => browser.fetch(device.url("/api/session/keep-alive"), options));
      return;
    }
    case "token":
      await askForToken(device);
      return;
    case "crowd":
      await crowd(device);
      return;
    case "refresh":
      await forceRefresh(device);
      return;
    case "orders":
      await callShopping(device, "GET orders");
      return;
    case "order":
      await callShopping(device, "POST orders", JSON.stringify({ item: `Pine ${device.account.word}`, quantity: 1 }));
      return;
    case "stream":
      await listen(device);
      return;
    case "stop":
      device.streams.splice(0, 1)[0]?.close();
  }
}

/** Asks for a token of one target, at one instance or at both at once. */
async function askForToken(device: Device): Promise<void> {
  const { random } = device;
  const resource = random.pick(resources);
  const instances = random.next() < 0.4 ? [0, 1] : [random.between(0, 1)];
  await Promise.all(instances.map((instance) => askAt(device, instance, resource)));
}

/** Asks for tokens of all targets, at both instances at once: they have one refresh token together. */
async function crowd(device: Device): Promise<void> {
  await Promise.all([0, 1].flatMap((instance) => resources.map((resource) => askAt(device, instance, resource))));
}

async function askAt(device: Device, instance: number, resource: string): Promise<void> {
  const { random, world, life } = device;
  const query = new URLSearchParams({ ...(resource && { resource }), n: String(random.between(1, 4)) });
  const asking = (browser: HttpBrowser) => browser.fetch(device.url(`/api/probe?${query}`));
  const { page, outcome, begin, end } = await device.ask("GET token", asking, { instance });
  if (!page || outcome !== "ok" || !life) return;
  const tokens = JSON.parse(page.body) as { sha256: string; sub?: string }[];
  for (const { sha256, sub = null } of tokens) {
    world.history.handed.push({ session: life.session, target: targetOf(resource), sha256, sub, begin, end });
  }
}

async function forceRefresh(device: Device): Promise<void> {
  const resource = device.random.pick(resources);
  const body = JSON.stringify(resource ? { resource } : {});
  const options = { method: "POST", body, headers: { ...ownCall, "Content-Type": "application/json" } };
  const { life, world } = device;
  const asking = (browser: HttpBrowser) => browser.fetch(device.url("/api/tokens/refresh"), options);
  const { outcome, begin, end } = await device.ask("POST refresh", asking);
  if (outcome !== "ok" || !life) return;
  world.history.renewed.push({ session: life.session, target: targetOf(resource), begin, end });
}

async function callShopping(device: Device, what: string, body?: string): Promise<void> {
  const headers = { ...ownCall, "X-Trace": traceOf(device), ...(body && { "Content-Type": "application/json" }) };
  const options = body === undefined ? { headers } : { method: "POST", body, headers };
  await device.ask(what, (browser) => browser.fetch(device.url("/api/services/shopping/orders"), options));
}

/** What goes along to the service, so that its journal knows whose call this was and when it began. */
function traceOf({ life }: Device): string {
  return `${life?.session ?? "none"}.${Date.now()}`;
}

async function listen(device: Device): Promise<void> {
  const { life, world, random, account } = device;
  if (!life || device.streams.length >= mostStreams) return;
  const instance = random.between(0, 1);
  const asked = { user: account.word, session: life.session, instance, what: "GET events" };
  await record(world.history, asked, async () => {
    const stream = openEvents(world.history, {
      base: world.instances[instance]?.url ?? "",
      host: new URL(world.app.url).host,
      cookie: device.browser.cookieHeader(world.app.url),
      trace: traceOf(device),
      session: life.session,
      instance,
    });
    const page = await stream.opened;
    if (page.status === 200) device.streams.push(stream);
    return page;
  });
}

/** Knocks with the cookies of a session that is over, at both instances. */
export async function haunt(
  { history, instances, app }: Device["world"],
  { account, session, browser }: Ghost,
): Promise<void> {
  await Promise.all(
    instances.flatMap(({ url }, instance) => {
      const copy = browser.clone((asked) => (asked.origin === app.url ? url : null));
      const asked = { user: account.word, session, instance };
      return [
        record(history, { ...asked, what: "GET /api/me, ended" }, () => copy.fetch(`${app.url}/api/me`)),
        record(history, { ...asked, what: "GET token, ended" }, () => copy.fetch(`${app.url}/api/probe`)),
        record(history, { ...asked, what: "GET /account, ended" }, () => copy.request(`${app.url}/account`)),
        record(history, { ...asked, what: "GET orders, ended" }, () =>
          copy.fetch(`${app.url}/api/services/shopping/orders`, { headers: ownCall }),
        ),
      ];
    }),
  );
}
