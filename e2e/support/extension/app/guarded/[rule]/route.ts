import { authenticated } from "@/auth";
import { rules } from "../../rules";

interface Context {
  params: Promise<{ rule: string }>;
}

/** One guarded handler a rule, as a developer would write one. */
const endpoints = Object.fromEntries(
  Object.entries(rules).map(([rule, requirement]) => [
    rule,
    authenticated<{ rule: string }>(
      async (_request, session, { params }) => Response.json({ sub: session.subject, rule: params.rule }),
      requirement,
    ),
  ]),
);

export async function GET(request: Request, context: Context): Promise<Response> {
  const endpoint = endpoints[(await context.params).rule];
  return endpoint ? endpoint(request, context) : new Response(null, { status: 404 });
}
