import "server-only";
import { importJWK } from "jose";
import { open } from "../tokens/sealed-row";
import { type KeptKey, keyOwner, makeFirstKeys, readKeys } from "./key-store";
import { type SigningAlgorithm, signingAlgorithms } from "./signers";

// For so long a process goes by what it read: a key that was withdrawn at once signs no longer than that.
const keptMs = 10_000;

interface Known {
  keys: KeptKey[];
  /** By a clock that runs evenly, in milliseconds. */
  readAt: number;
}

// On globalThis: a bundle may hold this module more than once, and each copy would read for itself.
const held = globalThis as typeof globalThis & {
  daemunSigningKeys?: { known: Known | null; reading: Promise<Known> | null; opened: Map<string, Promise<CryptoKey>> };
};

function state() {
  held.daemunSigningKeys ??= { known: null, reading: null, opened: new Map() };
  return held.daemunSigningKeys;
}

/** The keys that are published, the first of each algorithm made where it is missing. Read every ten seconds at most. */
export async function publishedKeys(): Promise<KeptKey[]> {
  return (await known()).keys;
}

/**
 * The key that signs now, by the database's clock.
 *
 * @throws VaultError where it does not open
 */
export async function signingKey(algorithm: SigningAlgorithm): Promise<{ kid: string; privateKey: CryptoKey }> {
  const { keys, readAt } = await known();
  const passedMs = performance.now() - readAt;
  const key = keys.find((kept) => kept.algorithm === algorithm && kept.signsInMs <= passedMs);
  if (!key) throw new Error(`There is no key of ${algorithm}.`);
  return { kid: key.id, privateKey: await opened(key) };
}

/** Importing a key costs more than a signature with it. */
async function opened(key: KeptKey): Promise<CryptoKey> {
  const all = state().opened;
  const name = `${key.id} ${key.sealedPrivateKey}`;
  const kept = all.get(name) ?? openKey(key);
  // Those of before are not kept: there are two at most that are needed.
  if (all.size > 8) all.clear();
  all.set(name, kept);
  kept.catch(() => all.delete(name));
  return kept;
}

async function openKey(key: KeptKey): Promise<CryptoKey> {
  const jwk = JSON.parse(await open(key.sealedPrivateKey, keyOwner(key)));
  return (await importJWK(jwk, key.algorithm)) as CryptoKey;
}

function known(): Promise<Known> {
  const its = state();
  if (its.known && performance.now() - its.known.readAt < keptMs) return Promise.resolve(its.known);
  its.reading ??= read().finally(() => {
    its.reading = null;
  });
  return its.reading;
}

async function read(): Promise<Known> {
  let readAt = performance.now();
  let keys = await readKeys();
  const missing = signingAlgorithms().filter((needed) => !keys.some(({ algorithm }) => algorithm === needed));
  if (missing.length > 0) {
    await makeFirstKeys(missing);
    readAt = performance.now();
    keys = await readKeys();
  }
  state().known = { keys, readAt };
  return { keys, readAt };
}
