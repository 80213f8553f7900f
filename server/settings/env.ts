import "server-only";
import { z } from "zod";
import { readSecrets } from "@/edge/secrets";
import { DatabaseAddressError, readDatabaseAddress } from "@/prisma/database-address";
import { type AdminSubject, readAdminSubjects } from "./admin-subjects";
import { isLoopbackHost } from "./loopback";
import type { ProviderSettings } from "./providers";
import { readProviders } from "./read-providers";
import { readServices, type ServiceSettings } from "./services";
import { readTelemetry, type TelemetrySettings } from "./telemetry";
import { describeUnknown, unknownVariables as findUnknown, type UnknownVariable } from "./unknown-variables";
import { type AliasSettings, readUrlAliases } from "./url-aliases";
import { readWebhook, type WebhookSettings } from "./webhook";

/** The environment, checked and typed. Secrets are in here: never log it. */
export interface Env extends AliasSettings {
  production: boolean;
  /** Whether this is the demo, which signs anybody in and never leaves loopback. */
  demo: boolean;
  /** The app's public origin, without a slash at its end. */
  authUrl: string;
  secure: boolean;
  sessionSecrets: readonly string[];
  /** Newest first. */
  vaultKeys: readonly { id: string; key: Buffer }[];
  /** In which version tokens are sealed: 1 while instances run that read no other. */
  vaultSealVersion: number;
  databaseUrl: string;
  /** How many connections this instance may have. */
  databasePoolMax: number;
  /** Whether `connection_limit` says fewer than an instance needs, so that {@link databasePoolMax} is more. */
  databasePoolRaised: boolean;
  providers: readonly ProviderSettings[];
  /** Those that are set up. */
  services: readonly ServiceSettings[];
  session: { idleSeconds?: number; absoluteSeconds?: number; maxPerUser?: number };
  /** Overrides how many days a deletion waits; null where configuration decides. */
  deletionGraceDays: number | null;
  outboundTimeoutMs: number;
  clockToleranceSeconds: number;
  idTokenMaxAgeSeconds: number;
  /** How old a discovery document may be that a sign-in begins with. */
  discoveryMaxAgeSeconds: number;
  /** How often a minute one address or one user may do one kind of thing. */
  rateLimitPerMinute: number;
  /** Days for which audit rows are kept. */
  auditRetentionDays: number;
  /** Who administers besides those whom providers and operators name. */
  adminSubjects: readonly AdminSubject[];
  /** What a scheduler has to know to have `/api/cron/sweep` run; null closes that route. */
  cronSecret: string | null;
  /** Where events go; null for nowhere. */
  webhook: WebhookSettings | null;
  /** Where Redis is; null where none is said. Holds its password: never log it. */
  redisUrl: string | null;
  /** What goes to a collector. */
  telemetry: TelemetrySettings;
  /** How often a process cleans up by itself, in seconds; 0 for never. */
  sweepIntervalSeconds: number;
  /** Whether this is a function of Vercel. */
  vercel: boolean;
  /** How many proxies in front are ours; null where it is not said. */
  trustedProxyHops: number | null;
  /** Whether `http:` issuers and services on loopback hosts may be used. */
  allowHttpLoopback: boolean;
  /** Variables that look like ours, and that nobody reads. */
  unknownVariables: readonly UnknownVariable[];
}

/** Every fault of the environment, each by variable name and cure, never by value. */
export class EnvError extends Error {
  override readonly name = "EnvError";
  constructor(readonly faults: readonly string[]) {
    super(`The environment is not valid:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
}

type Source = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment.
 *
 * @throws EnvError listing every fault at once
 */
export function parseEnv(source: Source): Env {
  const faults: string[] = [];
  const env = readEnv(source, faults);
  const ids = env.providers.map(({ id }) => id);
  const unknownVariables = findUnknown(source, namesRead(), ids);
  // Beside a fault, what may be misspelt is told too: it may be the cause.
  const isCause = ({ meant, stops }: UnknownVariable) =>
    stops || (faults.length > 0 && meant !== null && !source[meant]);
  faults.push(...unknownVariables.filter(isCause).map(describeUnknown));
  if (faults.length > 0) throw new EnvError(faults);
  return { ...env, unknownVariables };
}

/** The names of all variables that are read whatever the others say. */
function namesRead(): ReadonlySet<string> {
  // Read by tools alone, or by Next.
  const names = new Set(["NODE_ENV", "DIRECT_URL", "DAEMUN_SAMPLE", "DEV_PROVIDERS"]);
  const get = (_: Source, name: string | symbol) => void names.add(String(name));
  readEnv(new Proxy<Source>({}, { get }), []);
  return names;
}

function readEnv(source: Source, faults: string[]): Omit<Env, "unknownVariables"> {
  const production = source.NODE_ENV === "production";
  const demo = source.DAEMUN_DEMO === "1";

  const number = (name: string, fallback: number | undefined, minimum: number, maximum: number) => {
    const text = source[name];
    if (text === undefined || text === "") return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    faults.push(`${name} must be a whole number from ${minimum} to ${maximum}.`);
    return fallback;
  };

  const allowHttpLoopback = readHttpLoopback(source, production, demo, faults);
  const authUrl = readAuthUrl(source, production, demo, faults);
  const idleSeconds = number("SESSION_IDLE_SECONDS", undefined, 5, 30 * 86_400);
  const absoluteSeconds = number("SESSION_ABSOLUTE_SECONDS", undefined, 5, 30 * 86_400);
  const providers = readProviders(source, { allowHttpLoopback }, faults);
  const maxPerUser = number("SESSION_MAX_PER_USER", undefined, 1, 1000);
  return {
    production,
    demo,
    authUrl,
    ...readUrlAliases(source, authUrl, faults, (value) => examples.test(value)),
    secure: authUrl.startsWith("https:"),
    sessionSecrets: readSessionSecrets(source, faults),
    vaultKeys: readVaultKeys(source, faults),
    vaultSealVersion: number("VAULT_SEAL_VERSION", 2, 1, 2) as number,
    ...readDatabase(source, number("DATABASE_POOL_MAX", undefined, 2, 200), faults),
    providers,
    services: readServices(source, { allowHttpLoopback }, faults),
    session: {
      ...(idleSeconds !== undefined && { idleSeconds }),
      ...(absoluteSeconds !== undefined && { absoluteSeconds }),
      ...(maxPerUser !== undefined && { maxPerUser }),
    },
    deletionGraceDays: number("ACCOUNT_DELETION_GRACE_DAYS", undefined, 0, 365) ?? null,
    outboundTimeoutMs: number("OUTBOUND_TIMEOUT_MS", 5000, 100, 9000) as number,
    clockToleranceSeconds: number("CLOCK_TOLERANCE_SECONDS", 30, 0, 60) as number,
    idTokenMaxAgeSeconds: number("ID_TOKEN_MAX_AGE_SECONDS", 300, 30, 3600) as number,
    discoveryMaxAgeSeconds: number("DISCOVERY_MAX_AGE_SECONDS", 30, 0, 600) as number,
    rateLimitPerMinute: number("RATE_LIMIT_PER_MINUTE", 240, 1, 1_000_000) as number,
    auditRetentionDays: number("AUDIT_RETENTION_DAYS", 400, 1, 36_500) as number,
    adminSubjects: readAdminSubjects(source, providers, faults),
    cronSecret: readCronSecret(source, faults),
    webhook: readWebhook(source, { allowHttpLoopback }, faults),
    redisUrl: readRedisUrl(source, faults),
    telemetry: readTelemetry(source),
    // A function there lives for one request: vercel.json has a schedule.
    sweepIntervalSeconds: number("SWEEP_INTERVAL_SECONDS", source.VERCEL ? 0 : 600, 0, 86_400) as number,
    vercel: Boolean(source.VERCEL),
    trustedProxyHops: number("TRUSTED_PROXY_HOPS", undefined, 0, 10) ?? null,
    allowHttpLoopback,
  };
}

let current: Env | undefined;

/** The environment of this process, read once, or what {@link provideEnv} gave in its place. */
export function env(): Env {
  current ??= parseEnv(process.env);
  return current;
}

/** Hands settings in before anything asks for them: for a process whose variables hold none, such as a unit test's. */
export function provideEnv<Settings extends Partial<Env>>(settings: Settings): Settings {
  current = settings as unknown as Env;
  return settings;
}

/** The provider of that id, if it is configured. */
export function findProvider(id: string | undefined): ProviderSettings | null {
  return env().providers.find((provider) => provider.id === id) ?? null;
}

function readHttpLoopback(source: Source, production: boolean, demo: boolean, faults: string[]): boolean {
  const text = source.ALLOW_HTTP_LOOPBACK;
  if (text !== undefined && !["true", "false", ""].includes(text)) {
    faults.push("ALLOW_HTTP_LOOPBACK must be true or false.");
    return false;
  }
  if (!production) return text !== "false";
  if (text === "true" && !demo) {
    faults.push("ALLOW_HTTP_LOOPBACK is for development: in production it needs DAEMUN_DEMO=1.");
    return false;
  }
  return text === "true" && demo;
}

function readAuthUrl(source: Source, production: boolean, demo: boolean, faults: string[]): string {
  const text = source.AUTH_URL;
  if (!text) {
    if (production) faults.push("AUTH_URL is missing: the app's public origin, such as https://app.example.");
    return `http://localhost:${source.PORT ?? "3000"}`;
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.pathname !== "/" || url.search || url.hash || url.username || url.password) {
    faults.push("AUTH_URL must be an origin: scheme, host and port only.");
  } else if (url.protocol !== "https:") {
    const allowed = url.protocol === "http:" && isLoopbackHost(url.hostname) && (!production || demo);
    if (!allowed)
      faults.push("AUTH_URL must use https (http only on a loopback host, in production with DAEMUN_DEMO=1).");
  } else if (examples.test(url.hostname.replace(/\.example$/, ""))) {
    faults.push("AUTH_URL looks like an example: set the origin that people reach the app by.");
  }
  return url?.origin ?? "http://localhost";
}

// Words that stand in examples. A secret that somebody else can read in a README is none.
const examples = /change[-_ ]?me|your[-_ ]|replace[-_ ]|placeholder|example|^(.)\1*$/i;

function readSessionSecrets(source: Source, faults: string[]): string[] {
  const names = [
    "AUTH_SECRET",
    ...Object.keys(source).filter((name) => /^AUTH_SECRET_\d+$/.test(name) && source[name]),
  ];
  for (const name of names) {
    const value = source[name];
    if (!value) faults.push(`${name} is missing: at least 32 random bytes (openssl rand -base64 32).`);
    else if (Buffer.byteLength(value) < 32) faults.push(`${name} is too short: at least 32 bytes.`);
    else if (examples.test(value)) faults.push(`${name} looks like an example: make one with openssl rand -base64 32.`);
  }
  return readSecrets(source);
}

function readCronSecret(source: Source, faults: string[]): string | null {
  const value = source.CRON_SECRET;
  if (!value) return null;
  if (!/^[\x21-\x7e]{16,256}$/.test(value))
    faults.push("CRON_SECRET must be 16 to 256 printable characters, no space.");
  else if (examples.test(value)) faults.push("CRON_SECRET looks like an example: make one with openssl rand -hex 32.");
  return value;
}

function readRedisUrl(source: Source, faults: string[]): string | null {
  const value = source.REDIS_URL;
  if (!value) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url && ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "") return value;
  faults.push("REDIS_URL must be an address such as rediss://:password@redis.internal:6379.");
  return null;
}

const vaultKey = z.string().regex(/^[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=$/);

function readVaultKeys(source: Source, faults: string[]): { id: string; key: Buffer }[] {
  const text = source.VAULT_KEYS;
  if (!text) {
    faults.push("VAULT_KEYS is missing: id:key with a base64 key of 32 bytes (openssl rand -base64 32).");
    return [];
  }
  const entries = text.split(",").map((entry) => entry.trim());
  if (!entries.every((entry) => vaultKey.safeParse(entry).success)) {
    faults.push("VAULT_KEYS must be id:base64key,id:base64key with keys of 32 bytes, newest first.");
    return [];
  }
  const keys = entries.map((entry) => {
    const [id = "", key = ""] = entry.split(":");
    return { id, key: Buffer.from(key, "base64") };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length) faults.push("VAULT_KEYS names a key id twice.");
  if (keys.some(({ key }) => new Set(key).size === 1))
    faults.push("VAULT_KEYS holds an example key: make one with openssl rand -base64 32.");
  return keys;
}

function readDatabase(
  source: Source,
  poolMax: number | undefined,
  faults: string[],
): Pick<Env, "databaseUrl" | "databasePoolMax" | "databasePoolRaised"> {
  const databaseUrl = source.DATABASE_URL ?? "";
  let limit = "10";
  try {
    limit = readDatabaseAddress(databaseUrl).connectionLimit ?? limit;
  } catch (error) {
    if (!(error instanceof DatabaseAddressError)) throw error;
    faults.push(error.message);
  }
  if (poolMax === undefined && !/^(?:\d|[1-9]\d|1\d\d|200)$/.test(limit)) {
    faults.push("connection_limit in DATABASE_URL must be from 1 to 200; DATABASE_POOL_MAX comes before it.");
  }
  // One, which Prisma recommends for functions, would not do: while a transaction has it, nobody could ask anything else.
  const most = poolMax ?? Math.max(2, Number(limit));
  return { databaseUrl, databasePoolMax: most, databasePoolRaised: poolMax === undefined && Number(limit) < 2 };
}
