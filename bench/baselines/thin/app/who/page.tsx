import { redirect } from "next/navigation";
import { readSession } from "@/bench/baselines/thin/session";

/** By the cookie alone: no database is asked. */
export default async function Who() {
  const { id, name } = await readSession();
  if (!id) redirect("/sign-in");
  return <p>Signed in as {name}</p>;
}
