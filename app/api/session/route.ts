import { describeSession } from "@/server/sessions/guards/describe-session";
import { readSession } from "@/server/sessions/registry/session-state";

/** Whether somebody is signed in and until when, for polling: never counts as activity. */
export async function GET(): Promise<Response> {
  return describeSession(await readSession({ activity: "no" }));
}
