import { requireSession } from "@/auth";

export default async function VaultPage() {
  const session = await requireSession({ returnTo: "/vault", maxAgeSeconds: 60 });
  return <p>The vault of {session.subject}</p>;
}
