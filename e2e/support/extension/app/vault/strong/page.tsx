import { requireSession } from "@/auth";

export default async function StrongVaultPage() {
  const session = await requireSession({ returnTo: "/vault/strong", acr: "urn:daemun:acr:2" });
  return <p>The strong vault of {session.subject}</p>;
}
