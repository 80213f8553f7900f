import { authenticated } from "@/server/sessions/authenticated";
import { rules } from "../../rules";

interface Context {
  params: Promise<{ rule: string }>;
}

/** One guarded handler a rule, as a developer would write one. */
const doors = Object.fromEntries(
  Object.entries(rules).map(([rule, requirement]) => [
    rule,
    authenticated<{ rule: string }>(
      async (_request, session, { params }) => Response.json({ sub: session.subject, rule: params.rule }),
      requirement,
    ),
  ]),
);

export async function GET(request: Request, context: Context): Promise<Response> {
  const door = doors[(await context.params).rule];
  return door ? door(request, context) : new Response(null, { status: 404 });
}
