import type { ActiveSession, KnownService } from "@/auth";

/** What the route tells each of its pages. All of it stays on the server. */
export interface ServicePageProps {
  service: KnownService;
  session: ActiveSession;
  query: Record<string, string | string[] | undefined>;
}
