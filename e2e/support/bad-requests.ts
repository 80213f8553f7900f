/** A request as its bytes: the line, the headers besides `Host`, and the body. */
export interface BadRequest {
  line: string;
  headers: string[];
  body?: string;
}

type Random = () => number;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const escapes = [
  "%",
  "%f",
  "%ff",
  "%zz",
  "%c0%af",
  "%00",
  "%0a",
  "%2e%2e%2f",
  "%5c",
  "%25%32%66",
  "..;/",
  ";x=1",
  "//",
  "\\",
  "%e0%80%80",
  "%ed%a0%80",
  "\xff",
  "'",
  "[x]",
  "[...x]",
  "%5B",
  ":",
  "@",
  "?%ff",
  "?a=%",
  "?_rsc=%zz",
  "?__nextDefaultLocale=x",
  "?nxtPx=1",
  "?[]=1&[]=2",
];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE", "TRACE", "LINK"];
const trees = [
  "",
  "x",
  "{}",
  "[]",
  "%",
  "%ff",
  "null",
  "%5B%22%22%5D",
  "[[[[",
  '["",{}]',
  "%5B%22%22%2C%7B%7D%2C1%5D",
  "9".repeat(5000),
];
const headers: ((random: Random) => string[])[] = [
  (random) => ["RSC: 1", `Next-Router-State-Tree: ${pick(random, trees)}`],
  (random) => [
    "RSC: 1",
    `Next-Router-Prefetch: ${pick(random, ["1", "2", "3", "x", ""])}`,
    `Next-Router-State-Tree: ${pick(random, trees)}`,
  ],
  (random) => [
    "RSC: 1",
    "Next-Router-Prefetch: 1",
    `Next-Router-Segment-Prefetch: ${pick(random, ["/_tree", "/_head", "/x", "x", "/%ff", "../.."])}`,
  ],
  (random) => [
    `RSC: ${pick(random, ["", "0", "x", "1, 1"])}`,
    `Next-Url: ${pick(random, ["/%ff", "x", "http://evil.test", "/(.)x"])}`,
  ],
  (random) => [
    `Cookie: ${pick(random, ["daemun.session=%", "daemun.session", "=;=;=", "daemun.locale=%ff", "a=\xff\xfe", "daemun.tx.x=x", "__Host-x=;", "daemun.browser=%00", `x=${"y".repeat(6000)}`])}`,
  ],
  (random) => [`X-Forwarded-Host: ${pick(random, ["evil.test", "a b", "[", "", "localhost:x", "a,b"])}`],
  (random) => [`X-Forwarded-Proto: ${pick(random, ["https", "x", "javascript", ","])}`],
  (random) => [
    `X-Forwarded-For: ${pick(random, ["x", "1.2.3.4:5", "[::1", ",,,"])}`,
    `X-Forwarded-Port: ${pick(random, ["x", "99999"])}`,
  ],
  (random) => [
    `Accept-Language: ${pick(random, ["*", "x", ";q=", "ko;q=x", "\xff", "-".repeat(300), "en-US,".repeat(500)])}`,
  ],
  (random) => [`Origin: ${pick(random, ["null", "x", "https://", "https://evil.test", "\xff"])}`],
  (random) => [`Authorization: ${pick(random, ["Bearer %", "Basic x", "\xff", ""])}`],
  (random) => [`Range: ${pick(random, ["bytes=9-1", "x", "bytes=0-0,-1", "bytes=99999999999999999999-"])}`],
  (random) => [`If-None-Match: ${pick(random, ["*", "x", '"'])}`, `If-Modified-Since: ${pick(random, ["x", "0"])}`],
  (random) => [`Next-Action: ${pick(random, ["", "x", "0".repeat(40), "0".repeat(42), "%", "__proto__"])}`],
  (random) => [`x-nextjs-data: ${pick(random, ["1", "x"])}`, `x-middleware-prefetch: 1`],
  (random) => [
    `x-middleware-subrequest: ${pick(random, ["middleware", "x:x:x:x:x"])}`,
    "x-middleware-rewrite: /%ff",
    "x-invoke-path: /%ff",
  ],
  (random) => [
    `x-now-route-matches: ${pick(random, ["%", "1=%ff"])}`,
    `x-matched-path: ${pick(random, ["/%ff", "x", "http://["])}`,
  ],
  (random) => [`Expect: ${pick(random, ["x", "100-continue"])}`],
  (random) => [`Upgrade: ${pick(random, ["websocket", "h2c"])}`, "Connection: Upgrade"],
  (random) => [`X-Big: ${"z".repeat(Math.floor(random() * 20_000))}`],
  (random) => [
    `Referer: ${pick(random, ["x", "http://[", "/%ff"])}`,
    `User-Agent: ${pick(random, ["", "\xff", "x".repeat(3000)])}`,
  ],
  (random) => [
    `X-Request-Id: ${pick(random, ["x", "\xff", "a".repeat(1000)])}`,
    `X-CSRF: ${pick(random, ["1", "x"])}`,
    `X-Organization: ${pick(random, ["\xff", "x", ""])}`,
  ],
];
const types = [
  "multipart/form-data",
  "multipart/form-data; boundary=",
  "multipart/form-data; boundary=x",
  "Multipart/Form-Data; boundary=x",
  'multipart/form-data; boundary="x',
  "multipart/mixed; boundary=x",
  "application/x-www-form-urlencoded",
  "application/x-www-form-urlencoded; charset=x",
  "application/json",
  "text/plain",
  "text/x-component",
  "x",
  "\xff",
  "application/jwt",
];
const part = 'Content-Disposition: form-data; name="';
const bodies = [
  "x",
  "--x",
  "--x--",
  "--x\r\n",
  `--x\r\n${part}a"\r\n\r\n1`,
  `--x\r\n${part}a"\r\n\r\n1\r\n--x--\r\n`,
  `--x\r\n${part}\r\n\r\n1\r\n--x--\r\n`,
  `--x\r\n${part}$ACTION_ID_x"\r\n\r\n1\r\n--x--\r\n`,
  `--x\r\n${part}$ACTION_REF_1"\r\n\r\n\r\n--x\r\n${part}$ACTION_1:0"\r\n\r\n{\r\n--x--\r\n`,
  `--x\r\n${part}0"; filename="\xff"\r\n\r\n\xff\r\n--x--\r\n`,
  "a=%",
  "a=1&a=2",
  "%=%&=",
  "csrfToken=x&scope=\xff",
  "{",
  "[]",
  "null",
  '{"resource":1}',
  '{"__proto__":{"a":1}}',
  `["$F1","$K1","$undefined"]`,
  "[".repeat(3000),
  "\0\0\0",
  "logout_token=x",
  "logout_token=a.b.c&logout_token=d",
];

function badRequest(path: string, random: Random): BadRequest {
  const withBody = random() < 0.4;
  const method = withBody ? pick(random, ["POST", "POST", "POST", "PUT", "PATCH", "DELETE"]) : pick(random, methods);
  const target = random() < 0.4 ? `${path}${random() < 0.5 ? "/" : ""}${pick(random, escapes)}` : path;
  const chosen = Array.from({ length: Math.floor(random() * 3) }, () => pick(random, headers)(random)).flat();
  const fetched = random() < 0.5 ? ["Accept: application/json"] : ["Accept: text/html", "Sec-Fetch-Mode: navigate"];
  const own = random() < 0.3 ? ["Sec-Fetch-Site: same-origin"] : [];
  if (!withBody) return { line: `${method} ${target} HTTP/1.1`, headers: [...fetched, ...own, ...chosen] };
  const described = [...fetched, ...own, ...chosen, `Content-Type: ${pick(random, types)}`];
  return { line: `${method} ${target} HTTP/1.1`, headers: described, body: pick(random, bodies) };
}

/** Requests that no client of ours sends, the same for the same seed: broken addresses, headers, cookies, bodies, methods. */
export function badRequests(path: string, { seed, count }: { seed: number; count: number }): BadRequest[] {
  const random = randomOf(seed * 7919 + 1);
  return Array.from({ length: count }, () => badRequest(path, random));
}
