import { getAccessToken, type ResourceIndicator, requireSession } from "@/auth";
import { ProbeForm } from "./form";
import { shown } from "./outcome";

/** A Server Component that needs a token: it can set no cookie. */
export default async function ProbePage({ searchParams }: { searchParams: Promise<{ resource?: string }> }) {
  await requireSession({ returnTo: "/probe" });
  const { resource = "" } = await searchParams;
  const outcomes = await Promise.all([1, 2, 3].map(() => getAccessToken({ resource: resource as ResourceIndicator })));
  return (
    <>
      <output data-rendered>{outcomes.map((outcome) => JSON.stringify(shown(outcome))).join("\n")}</output>
      <ProbeForm resource={resource} />
    </>
  );
}
