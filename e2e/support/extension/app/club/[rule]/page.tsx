import { notFound } from "next/navigation";
import { requireSession } from "@/auth";
import { rules } from "../../rules";

export default async function ClubPage({ params }: { params: Promise<{ rule: string }> }) {
  const { rule } = await params;
  const requirement = rules[rule];
  if (!requirement) notFound();
  const session = await requireSession({ ...requirement, returnTo: `/club/${rule}` });
  return <p>The club lets {session.subject} in</p>;
}
