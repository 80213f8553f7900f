import "server-only";
import { isLoopbackHost } from "./loopback";

/** Where events go, and what they are signed with. */
export interface WebhookSettings {
  url: string;
  /** Each signs, so that a receiver that knows one of them is content; the newest first. */
  keys: readonly Buffer[];
}

type Source = Readonly<Record<string, string | undefined>>;

const cure = "openssl rand -base64 32, with whsec_ before it";

/**
 * Reads `WEBHOOK_URL` and `WEBHOOK_SECRET`, whose form is that of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. Several
 * secrets are separated by commas.
 */
export function readWebhook(
  source: Source,
  { allowHttpLoopback }: { allowHttpLoopback: boolean },
  faults: string[],
): WebhookSettings | null {
  const address = source.WEBHOOK_URL;
  const secrets = source.WEBHOOK_SECRET;
  if (!address) {
    if (secrets) faults.push("WEBHOOK_URL is missing: WEBHOOK_SECRET alone sends nothing.");
    return null;
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    faults.push("WEBHOOK_URL must be an https address without user, password and fragment.");
  } else if (url.protocol === "http:" && !(allowHttpLoopback && isLoopbackHost(url.hostname))) {
    faults.push("WEBHOOK_URL must use https (http only on a loopback host, where ALLOW_HTTP_LOOPBACK allows it).");
  }
  if (!secrets) {
    faults.push(`WEBHOOK_SECRET is missing: ${cure}.`);
    return null;
  }
  const keys = secrets.split(",").map((secret) => readKey(secret.trim()));
  if (keys.includes(null)) {
    faults.push(
      `WEBHOOK_SECRET must be whsec_ and 24 to 64 random bytes in base64, several separated by commas: ${cure}.`,
    );
    return null;
  }
  return { url: url?.href ?? address, keys: keys.flatMap((key) => key ?? []) };
}

function readKey(secret: string): Buffer | null {
  const [, text] = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text ?? "", "base64");
  // One byte over and over is somebody's example.
  return key.length >= 24 && key.length <= 64 && new Set(key).size > 1 ? key : null;
}
