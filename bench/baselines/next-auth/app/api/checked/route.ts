import { auth } from "@/bench/baselines/next-auth/auth";

export const GET = auth((request) => {
  const user = request.auth?.user;
  return user ? Response.json({ name: user.name }) : Response.json({ error: "not_authenticated" }, { status: 401 });
});
