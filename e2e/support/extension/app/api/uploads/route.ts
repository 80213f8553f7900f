import { createHash } from "node:crypto";
import { authenticated } from "@/auth";

/** What came: of a form its fields, of anything else how long it is and its digest. */
export const POST = authenticated(async (request) => {
  if (new URL(request.url).searchParams.get("as") === "form") {
    const fields = await request.formData();
    const told = [...fields].map(([name, value]) => [name, typeof value === "string" ? value : value.size]);
    return Response.json(Object.fromEntries(told));
  }
  const digest = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    digest.update(chunk);
  }
  return Response.json({ bytes, sha256: digest.digest("hex") });
});
