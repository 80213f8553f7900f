import "server-only";
import { z } from "zod";
import { createSealer, type Sealer } from "@/edge/sealing";
import { env } from "../settings/env";

/** The last row of a page. */
export interface Cursor {
  at: Date;
  id: bigint;
}

// An address that is opened later begins with the newest, as one without it.
const cursorSeconds = 86_400;

const schema = z.object({ at: z.number(), id: z.string().regex(/^\d{1,19}$/) });

let sealer: Sealer | undefined;
function cursorSealer(): Sealer {
  sealer ??= createSealer(env().sessionSecrets, "activity");
  return sealer;
}

/** Seals the place where the next page begins: a row's number would tell how much happens here. */
export function sealCursor({ at, id }: Cursor): Promise<string> {
  return cursorSealer().seal({ at: at.getTime(), id: String(id) }, Math.floor(Date.now() / 1000) + cursorSeconds);
}

/** The place in an address; null for none, for what is not ours, and for one that is too old. */
export async function parseCursor(sealed: string | undefined): Promise<Cursor | null> {
  const opened = sealed && sealed.length <= 1000 ? await cursorSealer().open(sealed) : null;
  const parsed = schema.safeParse(opened);
  return parsed.success ? { at: new Date(parsed.data.at), id: BigInt(parsed.data.id) } : null;
}
