import "server-only";
import { aliasEntries, ownAliases, parseAliases, type UrlAlias } from "@/edge/url-aliases";
import { isLoopbackHost } from "./loopback";

/** What the environment says of the other origins that people sign in at. */
export interface AliasSettings {
  /** Those to which an answer that comes to `AUTH_URL` may be handed on. */
  urlAliases: readonly UrlAlias[];
  /** Those by which this deployment itself is reached. */
  ownAliases: readonly string[];
  /** What seals where an answer belongs: the same in all deployments of the app. Null where there are no aliases. */
  aliasSecret: string | null;
}

type Source = Readonly<Record<string, string | undefined>>;

const mostAliases = 20;

/**
 * Reads `AUTH_URL_ALIASES` and `AUTH_SECRET_ALIASES`.
 *
 * @param isExample whether a value stands in somebody's documentation
 */
export function readUrlAliases(
  source: Source,
  authUrl: string,
  faults: string[],
  isExample: (value: string) => boolean,
): AliasSettings {
  const { AUTH_URL_ALIASES: text, AUTH_SECRET_ALIASES: secret } = source;
  const entries = aliasEntries(text);
  entries.forEach((entry, index) => {
    const fault = faultOf(entry, authUrl) ?? (isExample(entry) ? "looks like an example." : null);
    if (fault !== null) faults.push(`AUTH_URL_ALIASES, entry ${index + 1}, ${fault}`);
  });
  if (entries.length > mostAliases) faults.push(`AUTH_URL_ALIASES has more than ${mostAliases} entries.`);
  if (entries.length === 0) return { urlAliases: [], ownAliases: [], aliasSecret: null };
  const what = "the same in every deployment of this app, and in no other app";
  if (!secret) faults.push(`AUTH_SECRET_ALIASES is missing, which AUTH_URL_ALIASES needs: 32 random bytes, ${what}.`);
  else if (Buffer.byteLength(secret) < 32) faults.push("AUTH_SECRET_ALIASES is too short: at least 32 bytes.");
  else if (isExample(secret))
    faults.push("AUTH_SECRET_ALIASES looks like an example: make one with openssl rand -base64 32.");
  else if (isSessionSecret(source, secret))
    faults.push("AUTH_SECRET_ALIASES must not be an AUTH_SECRET: a preview that has it could seal your sessions.");
  return { urlAliases: parseAliases(text), ownAliases: ownAliases(source), aliasSecret: secret ?? null };
}

function isSessionSecret(source: Source, secret: string): boolean {
  return Object.entries(source).some(([name, value]) => /^AUTH_SECRET(?:_\d+)?$/.test(name) && value === secret);
}

/** What is wrong with one entry; null for nothing. */
function faultOf(entry: string, authUrl: string): string | null {
  const url = URL.canParse(entry) ? new URL(entry) : null;
  if (url?.pathname !== "/" || url.search || url.hash || url.username || url.password)
    return "must be an origin: scheme, host and port only.";
  const isLoopback = url.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !isLoopback) return "must use https (http only on a loopback host).";
  // Cookies are named and marked for one scheme.
  if (!authUrl.startsWith(url.protocol)) return "must have the scheme of AUTH_URL.";
  if (url.origin === authUrl) return "is AUTH_URL itself.";
  if (!entry.includes("*")) return null;
  return patternFault(url.hostname);
}

function patternFault(hostname: string): string | null {
  const [label = "", ...parents] = hostname.split(".");
  const parent = parents.join(".");
  if (!label.includes("*") || label.split("*").length > 2 || parent.includes("*"))
    return "may have one * in the first label of its host, and nowhere else.";
  if (label === "*") return "needs a text beside the * in its label: pr-*.";
  // Whoever gets a name there would fit.
  if (parents.length < 2 || publicSuffix.test(parent)) return "is a pattern of names that anybody can register.";
  // There names of all customers stand side by side, and what is at the end is the customer's own.
  if (sharedHost.test(parent) && !/\*-[a-z0-9-]*[a-z0-9]$/.test(label))
    return "has to end its label with what is yours alone on a host that others share: *-your-team.";
  return null;
}

// `co.uk`, `or.kr`: registries' own second labels.
const publicSuffix = /^(?:ac|co|com|edu|go|gob|gov|gouv|ltd|ne|net|nom|or|org|pe|plc|re|sch)\.[a-z]{2}$/;
// Where hosting companies give every customer a name under one domain.
const sharedHost =
  /^(?:.+\.)?(?:vercel\.app|now\.sh|netlify\.app|pages\.dev|workers\.dev|onrender\.com|fly\.dev|herokuapp\.com|github\.io|gitlab\.io|web\.app|firebaseapp\.com|run\.app|railway\.app|azurewebsites\.net|azurestaticapps\.net|amplifyapp\.com|cloudfront\.net|ngrok\.app|ngrok-free\.app|deno\.dev|surge\.sh|cloudtype\.app)$/;
