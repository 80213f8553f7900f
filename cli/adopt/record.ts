import { z } from "zod";
import type { Host } from "./host";
import { AdoptError, isPathInside } from "./inside";
import { parts } from "./shipped";

export const recordPath = ".daemun/adopted.json";

/** Where the content is kept that a later merge begins from, where the app itself has it in no commit. */
export const basePath = (blob: string) => `.daemun/base/${blob}`;

// An app may be a stranger's, and so may its record be: what is named here is read, and deleted in time.
const pathInside = z.string().refine(isPathInside);

const recordSchema = z.strictObject({
  /** Of Daemun, that was brought last. */
  version: z.string(),
  /** The parts that were left out. */
  without: z.array(z.enum(Object.keys(parts) as [keyof typeof parts])),
  /** Files of the app's own that stay in place of Daemun's. */
  kept: z.array(pathInside),
  /** Git's hash of each file as Daemun has it, by its path in the app. */
  files: z.record(pathInside, z.string().regex(/^[0-9a-f]{40}$/)),
  /** The versions of packages that were written. */
  dependencies: z.record(z.string(), z.string()),
});

export type AdoptionRecord = z.infer<typeof recordSchema>;

/** What a former run wrote down; null where there was none. @throws AdoptError where it cannot be read */
export function readRecord(host: Pick<Host, "read">): AdoptionRecord | null {
  const text = host.read(recordPath);
  if (text === null) return null;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    throw new AdoptError(`${recordPath} is not what a run of this command has written.`);
  }
}
