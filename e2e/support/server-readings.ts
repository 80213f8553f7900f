/**
 * A model of what servers make of the path in a request line, for tests: of each its default and its known lenient settings
 * and faults. It knows nothing of the app. Source: the servers' documentation, and the advisories named below.
 */
export interface ServerReading {
  server: string;
  /** The path that is served, or null for one above the root. */
  path: string | null;
}

/** Every reading of a raw path, of each server once. */
export function serverReadings(raw: string): ServerReading[] {
  return Object.entries(servers).flatMap(([server, read]) => [...new Set(read(raw))].map((path) => ({ server, path })));
}

type Read = (raw: string) => (string | null)[];

const servers = {
  // Parameters go before decoding; encodedSolidusHandling and allowBackslash may be on. CVE-2008-2938: overlong dots.
  tomcat: (raw) =>
    [raw, slashes(raw)].flatMap((path) => {
      const text = decodeLoosely(withoutParameters(path));
      return [resolve(text), resolve(slashes(text)), resolve(withoutParameters(text))];
    }),
  // CVE-2021-28164: encoded dots; CVE-2021-28169: decoded twice; CVE-2021-34429: %u002e, and .%00/.
  jetty: (raw) => {
    const once = decodeLoosely(withoutParameters(raw));
    const twice = decodeLoosely(withoutParameters(once));
    return [once, twice, once.replaceAll("\0", ""), withoutParameters(twice)].map(resolve);
  },
  // MS00-078: overlong slashes; MS01-026: decoded twice; names end before dots, blanks and the name of a stream.
  iis: (raw) => {
    const once = slashes(bestFit(decodeLoosely(raw)));
    const twice = slashes(bestFit(decodeLoosely(once)));
    return [once, twice]
      .flatMap((text) => [text, windowsNames(text), windowsNames(text.replaceAll("\t", " "))])
      .map((text) => resolve(text.toLowerCase()));
  },
  // Decoded once, slashes merged; a location may hand on what an encoded question mark or a NUL leaves of it.
  nginx: (raw) => {
    const once = decodeLoosely(raw);
    return [raw, once, once.split(/[?#\0]/, 1)[0] ?? ""].map(resolve);
  },
  // The raw path, the URL standard, Express (which is lax about case and the slash at the end), and a folder of files.
  node: (raw) => {
    const once = decodeLoosely(raw);
    const url = URL.canParse(raw, "http://s.invalid/") ? new URL(raw, "http://s.invalid/").pathname : raw;
    return [...[raw, url, url.toLowerCase(), decodeLoosely(url)].map(bare), resolve(once), resolve(slashes(once))];
  },
  // A plus sign is a blank to urldecode(); NUL ends a string in C; a script's name ends before what follows it; on Windows
  // a quotation mark is a dot.
  php: (raw) => {
    const once = decodeLoosely(raw);
    const all = [once, once.replaceAll("+", " "), once.split("\0", 1)[0] ?? "", bestFit(once)];
    return all
      .flatMap((text) => [text, windowsNames(slashes(text).replaceAll('"', "."))])
      .flatMap((text) => [text, text.replace(/(\.php)\/.*$/is, "$1")])
      .flatMap((text) => [resolve(text), resolve(text.toLowerCase())]);
  },
} satisfies Record<string, Read>;

function slashes(text: string): string {
  return text.replaceAll("\\", "/");
}

function withoutParameters(text: string): string {
  return text
    .split("/")
    .map((segment) => segment.split(";", 1)[0])
    .join("/");
}

/** Percent signs decoded once, `%u` too, and bytes read as those do who take overlong forms and, for the rest, Latin-1. */
function decodeLoosely(text: string): string {
  const unicode = text.replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return unicode.replace(/(?:%[0-9a-f]{2})+/gi, (run) => readBytes(Buffer.from(run.replaceAll("%", ""), "hex")));
}

function readBytes(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    const rest = [...bytes.subarray(at + 1, at + 1 + more)];
    const isSequence = rest.length === more && rest.every((next) => next >> 6 === 2);
    if (!isSequence) text += String.fromCharCode(byte);
    else {
      const first = more === 0 ? byte : byte & (0x3f >> more);
      const code = rest.reduce((sum, next) => sum * 64 + (next & 0x3f), first);
      text += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
    }
    at += isSequence ? 1 + more : 1;
  }
  return text;
}

// Compatibility forms, and what code pages 932, 949 and 1252 make of what they do not have.
function bestFit(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u2044\u2215]/g, "/")
    .replace(/[\u2216\u00a5\u20a9]/g, "\\");
}

// Win32 file names: dots and blanks at the end are nothing, and a colon begins the name of a stream.
function windowsNames(text: string): string {
  return text
    .split("/")
    .map((segment) => segment.split(":", 1)[0] ?? "")
    .map((segment) =>
      /^\s*\.[.\s]*$/.test(segment) ? segment.replace(/\s/g, "").replace(/^\.{3,}$/, "..") : trimEnd(segment),
    )
    .join("/");
}

function trimEnd(segment: string): string {
  return segment.replace(/[.\s]+$/, "");
}

/** Without slash at the end, as who is lax about it reads it. */
function bare(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Empty and dot segments resolved (RFC 3986, section 5.2.4). */
function resolve(path: string): string | null {
  const names: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") {
      if (names.pop() === undefined) return null;
    } else if (segment !== "" && segment !== ".") names.push(segment);
  }
  return `/${names.join("/")}`;
}
