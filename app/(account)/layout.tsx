import type { ReactNode } from "react";
import Unavailable from "@/app/unauthorized";
import { answerWith } from "@/server/http/request-context";
import { readSession } from "@/server/sessions/registry/session-state";

/**
 * No boundary: each page calls `requireSession()` itself. This only has the page for "cannot look anyone up" rendered on
 * the server, so that it is there without JavaScript too.
 */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  const state = await readSession();
  if (state.kind !== "unavailable") return children;
  answerWith(503, { "Retry-After": "5" });
  return <Unavailable />;
}
