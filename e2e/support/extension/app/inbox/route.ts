/** A webhook of a third party, which sends from wherever it is: how much of it came, and under which type. */
export async function POST(request: Request) {
  const body = await request.arrayBuffer();
  return Response.json({ bytes: body.byteLength, type: request.headers.get("content-type") });
}
