import { describeSession } from "@/server/sessions/describe-session";
import { peekSessionState } from "@/server/sessions/session-state";

/** Whether somebody is signed in and until when, for polling: never counts as activity. */
export async function GET(): Promise<Response> {
  return describeSession(await peekSessionState());
}
