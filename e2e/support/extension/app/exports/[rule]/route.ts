import { authenticated } from "@/auth";
import { rules } from "../../rules";

interface Context {
  params: Promise<{ rule: string }>;
}

/** Files that a person opens in a tab of their own. */
const endpoints = Object.fromEntries(
  Object.entries(rules).map(([rule, requirement]) => [
    rule,
    // A redirect's headers cannot be changed: the guard has to answer with headers of its own.
    authenticated(async () => Response.redirect("https://files.example/export.csv"), {
      ...requirement,
      redirect: true,
    }),
  ]),
);

async function handle(request: Request, context: Context): Promise<Response> {
  const endpoint = endpoints[(await context.params).rule];
  return endpoint ? endpoint(request, { params: Promise.resolve({}) }) : new Response(null, { status: 404 });
}

export { handle as GET, handle as POST };
