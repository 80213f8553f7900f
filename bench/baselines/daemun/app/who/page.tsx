import { requireSession } from "@/auth";

export default async function Who() {
  const { user } = await requireSession({ returnTo: "/who" });
  return <p>Signed in as {user.name}</p>;
}
