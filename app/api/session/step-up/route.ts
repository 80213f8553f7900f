import { stepUp } from "@/server/auth/sign-in/step-up";
import { shut } from "@/server/http/error-reply";
import { limited } from "@/server/sessions/guards/limited";

export const GET = limited("sign-in", stepUp);

/** Next would answer HEAD with GET, and a sign-in would begin that nobody goes on with. */
export function HEAD(): Response {
  return shut(405, { Allow: "GET" });
}
