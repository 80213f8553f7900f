// Otherwise Next would be free to answer from what it made at the build.
export const dynamic = "force-dynamic";

export function GET(): Response {
  return Response.json({ open: ["09:00", "18:00"] });
}
