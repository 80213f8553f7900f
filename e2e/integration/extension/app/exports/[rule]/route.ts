import { authenticated } from "@/server/sessions/authenticated";
import { rules } from "../../rules";

interface Context {
  params: Promise<{ rule: string }>;
}

/** Files that a person opens in a tab of their own. */
const doors = Object.fromEntries(
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
  const door = doors[(await context.params).rule];
  return door ? door(request, { params: Promise.resolve({}) }) : new Response(null, { status: 404 });
}

export { handle as GET, handle as POST };
