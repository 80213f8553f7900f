import { auth, unstable_update } from "@/auth";

/** A handler as NextAuth's documentation has it. */
export const GET = auth(async (request) => {
  if (!request.auth) return Response.json({ user: null }, { status: 401 });
  const again = await auth();
  return Response.json({ user: request.auth.user, same: again?.user.id === request.auth.user.id });
});

export async function POST(): Promise<Response> {
  try {
    return unstable_update({ user: { name: "Somebody" } });
  } catch (error) {
    return Response.json({ said: String(error) }, { status: 501 });
  }
}
