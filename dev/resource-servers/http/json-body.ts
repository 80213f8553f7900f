import { z } from "zod";
import { Rejection } from "./answer";

const limit = 64 * 1024;

/**
 * Reads a JSON body.
 *
 * @throws Rejection 413 beyond 64 KB, 400 for what is no JSON, 422 for what does not fit the schema
 */
export async function readJson<T>(body: AsyncIterable<Buffer>, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new Rejection(413, "too_large", "The body is longer than 64 KB.");
    chunks.push(chunk);
  }
  const parsed = schema.safeParse(parse(Buffer.concat(chunks)));
  if (!parsed.success) throw new Rejection(422, "invalid_input", z.prettifyError(parsed.error));
  return parsed.data;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Rejection(400, "invalid_request", "The body is not JSON.");
  }
}
