import { redirect } from "next/navigation";
import { auth } from "@/bench/baselines/next-auth/auth";

export default async function Who() {
  const session = await auth();
  if (!session?.user) redirect("/sign-in");
  return <p>Signed in as {session.user.name}</p>;
}
