import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BadRequest, badRequests } from "../../support/bad-requests";
import { HttpBrowser } from "../../support/http-browser";
import { routes } from "../../support/routes";
import { shareTestApp, signedIn, type TestApp, whoIs } from "../../support/test-app";

let app: TestApp;
let browser: HttpBrowser;
beforeAll(async () => {
  app = await shareTestApp();
  browser = await signedIn(app);
});
afterAll(() => app.close());

/** Writes the bytes of requests, and answers with the status of each answer; 0 for a connection that was closed without. */
function send(requests: readonly BadRequest[], cookie = ""): Promise<number[]> {
  const { hostname, port, host } = new URL(app.url);
  return Promise.all(
    requests.map(
      ({ line, headers, body = "" }) =>
        new Promise<number>((resolve) => {
          const socket = connect(Number(port), hostname);
          let answer = "";
          socket.setEncoding("latin1").on("data", (text: string) => {
            answer += text;
          });
          socket.once("error", () => {});
          socket.once("close", () => resolve(Number(/^HTTP\/1\.1 (?!100)(\d{3})/m.exec(answer)?.[1] ?? 0)));
          const lines = [`Host: ${host}`, ...(cookie ? [`Cookie: ${cookie}`] : []), ...headers];
          const length = body ? [`Content-Length: ${Buffer.byteLength(body, "latin1")}`] : [];
          socket.write([line, ...lines, ...length, "Connection: close", "", body].join("\r\n"), "latin1");
        }),
    ),
  );
}

const asked = (line: string, headers: string[] = [], body = "") => ({ line, headers, body });
const multipart = "Content-Type: multipart/form-data; boundary=x";

describe("a request that no route can read", () => {
  it.each([
    ["an address that cannot be decoded", asked("GET /services/%ff HTTP/1.1")],
    ["half of an escape at the end", asked("GET /account/% HTTP/1.1")],
    ["an overlong slash", asked("GET /services/%c0%af HTTP/1.1")],
    ["the same below the proxy", asked("GET /api/services/shopping/%ff HTTP/1.1")],
    ["a router state that is no JSON", asked("GET /account HTTP/1.1", ["RSC: 1", "Next-Router-State-Tree: garbage"])],
    ["a router state of another shape", asked("GET /account HTTP/1.1", ["RSC: 1", "Next-Router-State-Tree: %7B%7D"])],
    ["a router state that is half an escape", asked("GET / HTTP/1.1", ["RSC: 1", "Next-Router-State-Tree: %"])],
    [
      "two router states",
      asked("GET / HTTP/1.1", ["RSC: 1", "Next-Router-State-Tree: 1", "Next-Router-State-Tree: 2"]),
    ],
    ["a form of parts that has none", asked("POST /sign-in HTTP/1.1", [multipart], "nothing")],
    [
      "a form of parts that breaks off",
      asked("POST / HTTP/1.1", [multipart], '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'),
    ],
    [
      "a form of parts without a boundary",
      asked("POST /account HTTP/1.1", ["Content-Type: multipart/form-data"], "--x--"),
    ],
    ["a part without a name", asked("POST /nowhere HTTP/1.1", [multipart], "--x\r\n\r\n1\r\n--x--\r\n")],
    ["an action from an origin that is none", asked("POST / HTTP/1.1", ["Next-Action: 00", "Origin: garbage"], "[]")],
    ["an address of another host", asked("GET http://evil.test/account HTTP/1.1")],
    ["what stands for the whole server", asked("OPTIONS * HTTP/1.1")],
    ["a second Host", asked("GET / HTTP/1.1", ["Host: evil.test"])],
    [
      "a router state that is no JSON, where nothing is below /api/",
      asked("POST /api/oidc/nobody HTTP/1.1", ["RSC: 1", "Next-Router-State-Tree: %ff"]),
    ],
    [
      "a form of parts that has none, where nothing is below /api/",
      asked("POST /api/oidc/nobody HTTP/1.1", [multipart], "nothing"),
    ],
    ["a wish to speak WebSocket", asked("GET /account HTTP/1.1", ["Upgrade: websocket"])],
    ["the same Host twice", asked("GET /healthz HTTP/1.1", ["host: localhost"])],
  ])("FF-24: %s is answered 400, to strangers and to users", async (_, request) => {
    expect(await send([request])).toEqual([400]);
    expect(await send([request], browser.cookieHeader(app.url))).toEqual([400]);
  });

  it("FF-24: it is told as every error is, as a page and as JSON, with the headers of the app", async () => {
    const fetched = await browser.fetch(`${app.url}/services/%ff`);
    expect(JSON.parse(fetched.body)).toEqual({
      error: "invalid_request",
      message: expect.any(String),
      request_id: fetched.headers.get("x-request-id"),
    });
    const page = await browser.request(`${app.url}/services/%ff`);
    expect([page.status, page.headers.get("refresh")]).toEqual([
      400,
      expect.stringMatching(/^0; url=\/auth-error\?code=invalid_request&ref=/),
    ]);
    for (const { headers } of [fetched, page]) {
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("cache-control")).toContain("no-store");
    }
  });

  it("FF-24: who asks for another protocol is answered in this one, and not left waiting", async () => {
    const upgrade = (to: string) => asked("GET /healthz HTTP/1.1", [`Upgrade: ${to}`, "Connection: Upgrade"]);
    expect(await send([upgrade("h2c"), upgrade("websocket")])).toEqual([200, 400]);
  });

  it("FF-24: a form of parts too large for an action is answered 413, and not cut", async () => {
    const body = `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${"1".repeat(1_100_000)}\r\n--x--\r\n`;
    expect(await send([asked("POST / HTTP/1.1", [multipart], body)])).toEqual([413]);
  });

  it("FF-24: TRACE and a POST to a file are answered 405, and an action under a foreign X-Forwarded-Host as if nobody had said so", async () => {
    expect(await send([asked("TRACE / HTTP/1.1"), asked("POST /robots.txt HTTP/1.1")])).toEqual([405, 405]);
    const headers = ["Next-Action: 00", `Origin: ${app.url}`, "X-Forwarded-Host: evil.test"];
    const [status] = await send([asked("POST / HTTP/1.1", headers, "[]")]);
    expect(status).toBeLessThan(500);
    expect(await send([asked("POST / HTTP/1.1", ["Next-Action: 00", "Origin: https://evil.test"], "[]")])).toEqual([
      403,
    ]);
  });

  it("FF-24: a form of parts that is whole is read by Next as it came, in however many pieces", async () => {
    const { port, hostname, host } = new URL(app.url);
    const body = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';
    const answered = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let answer = "";
      socket.setEncoding("latin1").on("data", (text: string) => {
        answer += text;
      });
      socket.once("error", reject).once("close", () => resolve(answer));
      const head = [
        `POST /sign-in HTTP/1.1`,
        `Host: ${host}`,
        multipart,
        "Transfer-Encoding: chunked",
        "Connection: close",
        "",
        "",
      ];
      socket.write(head.join("\r\n"));
      const pieces = [...body].map((piece) => () => socket.write(`1\r\n${piece}\r\n`));
      const next = () => {
        const write = pieces.shift();
        if (write) {
          write();
          setImmediate(next);
        } else socket.write("0\r\n\r\n");
      };
      next();
    });
    // It holds no action, and Next says so in its own words: it has parsed it.
    expect(answered).toMatch(/^HTTP\/1\.1 400 /);
    expect(answered).toMatch(/^x-nextjs-action-not-found: 1/im);
  });

  it("a navigation that posts and has to sign in first is sent there with 303", async () => {
    const page = await new HttpBrowser().request(`${app.url}/account`, { method: "POST", form: { a: "1" } });
    expect([page.status, page.location]).toEqual([303, `${app.url}/sign-in?returnTo=%2Faccount`]);
    expect((await new HttpBrowser().request(`${app.url}/account`)).status).toBe(307);
  });
});

// Addresses of routes with segments, and of none.
const more = [
  ..."csrf providers session signout signin/company callback/company signin/nobody callback/nobody x/y/z"
    .split(" ")
    .map((path) => `/api/auth/${path}`),
  ..."company/backchannel-logout company/frontchannel-logout nobody".split(" ").map((path) => `/api/oidc/${path}`),
  ..."/api/services/shopping/orders /api/services/nobody/x /api/connect/notes /api/connect/notes/callback".split(" "),
  ..."/api/tokens/https%3A%2F%2Fshopping.example%2Fapi /api/nowhere /robots.txt /favicon.ico /admin /nowhere".split(
    " ",
  ),
  ..."/_next/static/x.js /_next/image /_next/data/x/account.json /services/shopping".split(" "),
];

describe("fifty routes", () => {
  it("FF-24: answer two hundred bad requests each below 500, and nobody is signed out by it", {
    timeout: 1_800_000,
  }, async () => {
    const known = routes().filter((route) => !route.startsWith("/_"));
    const fifty = [...known, ...more].slice(0, 50);
    expect(new Set(fifty).size).toBe(50);
    const requests = fifty.map((path, at) => badRequests(path, { seed: at, count: 200 }));
    const cookie = browser.cookieHeader(app.url);
    const failed: string[] = [];
    // Each round asks every route once: as a stranger three times, and then as a user.
    for (let round = 0; round < 200; round += 1) {
      const asked = requests.flatMap((those) => those[round] ?? []);
      const statuses = await send(asked, round % 4 === 3 ? cookie : "");
      for (const [at, { line, headers }] of asked.entries()) {
        const status = statuses[at] ?? 0;
        // 0: it was hung up on, without an answer.
        if (status >= 500 || status === 0)
          failed.push(`${status} ${line.slice(0, 150)} ${headers.join(" | ").slice(0, 300)}`);
      }
    }
    expect(failed).toEqual([]);
    expect(await whoIs(app, browser)).not.toBeNull();
  });
});
