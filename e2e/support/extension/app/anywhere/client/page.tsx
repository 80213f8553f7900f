import { SessionProvider } from "next-auth/react";
import { auth } from "@/auth";
import { Known } from "./known";

/** What NextAuth's users have in a layout: a provider that is told the session, so that no script has to ask for it. */
export default async function ClientPage({ searchParams }: { searchParams: Promise<{ ask?: string }> }) {
  const { ask } = await searchParams;
  return (
    <SessionProvider {...(ask === undefined && { session: await auth() })}>
      <Known />
    </SessionProvider>
  );
}
