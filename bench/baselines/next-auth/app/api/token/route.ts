import { auth } from "@/bench/baselines/next-auth/auth";
import { prisma } from "@/bench/baselines/next-auth/database";

/** The token as it stands in the account's row. */
export const GET = auth(async (request) => {
  const userId = request.auth?.user?.id;
  if (!userId) return Response.json({ error: "not_authenticated" }, { status: 401 });
  const account = await prisma.account.findFirst({ where: { userId, provider: "company" } });
  const expiresAt = new Date((account?.expires_at ?? 0) * 1000);
  if (expiresAt.getTime() < Date.now()) return Response.json({ error: "reauthentication_required" }, { status: 401 });
  return Response.json({ expiresAt, length: account?.access_token?.length });
});
