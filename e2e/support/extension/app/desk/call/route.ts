import { authenticated, callService, type ServiceCall, ServiceError, type ServiceId } from "@/auth";

const bodies: Record<string, () => ServiceCall["body"]> = {
  json: () => JSON.stringify({ item: "한옥 기둥", quantity: 2 }),
  form: () => new URLSearchParams({ item: "Pine beam" }),
  bytes: () => new Uint8Array(100_000).fill(7),
  stream: () => new Blob(["a".repeat(50_000), "b".repeat(50_000)]).stream(),
};

/** Calls what the query names, as a developer's own code would, and tells what came of it. */
async function handle(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const body = bodies[query.get("body") ?? ""]?.();
  const organization = query.get("organization");
  try {
    const answered = await callService((query.get("service") ?? "") as ServiceId, query.get("path") ?? "", {
      method: request.method,
      // Whoever copies all of them passes on nothing that is not a service's to see.
      headers: query.has("copy") ? request.headers : {},
      ...(body !== undefined && { body }),
      ...(organization !== null && { organization }),
    });
    return Response.json({
      status: answered.status,
      headers: Object.fromEntries(answered.headers),
      body: await answered.text(),
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, connectPath, retryAfterSeconds } = error;
    return Response.json({ code, connectPath, retryAfterSeconds });
  }
}

const endpoint = authenticated(handle);

export { endpoint as DELETE, endpoint as GET, endpoint as POST, handle as PUT };
