import "server-only";
import { createHash } from "node:crypto";

// The format of the chain, version 1, with `digest.ts`. What is sealed by it is read for years: a change is a version 2.

/** One seal of the chain: what its hash is over. */
export interface SealedBatch {
  /** `2026-11` */
  month: string;
  number: number;
  count: number;
  /** The hash of the seal before it. */
  prior: Uint8Array;
  /** See {@link hashContent}. */
  content: Uint8Array;
}

/** The length of a row's digest in bytes. */
export const digestLength = 32;

/** What stands before the first seal of all: SHA-256 that names the newest row of before the chain. */
export function hashStart(since: bigint): Buffer {
  return createHash("sha256").update(`daemun audit chain 1\n${since}`).digest();
}

/** SHA-256 over each row's id (8 bytes, big-endian) and digest (32 bytes), in the order of the seal. */
export function hashContent(ids: readonly bigint[], digests: Uint8Array): Buffer {
  const hash = createHash("sha256");
  const id = Buffer.alloc(8);
  for (const [index, value] of ids.entries()) {
    id.writeBigInt64BE(value);
    hash.update(id).update(digests.subarray(index * digestLength, (index + 1) * digestLength));
  }
  return hash.digest();
}

/** The seal's own hash, which the next one begins with. */
export function hashSeal({ month, number, count, prior, content }: SealedBatch): Buffer {
  const parts = ["daemun audit seal 1", month, number, count, hex(prior), hex(content)];
  return createHash("sha256").update(parts.join("\n")).digest();
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
