import {
  authenticated,
  type BearerRouteRequirement,
  type Caller,
  getAccessToken,
  getCurrentSession,
  type RouteInput,
} from "@/auth";

interface Params {
  kind: string;
}

// The hook of docs/extending.md decides who may sign in, so that only known users count where nothing else is said.
const requirements = {
  own: { bearer: { scopes: ["calls:read"], users: "any" }, session: { roles: ["admin"] } },
  shopping: { bearer: { audience: "https://shopping.example/api", scopes: ["shopping:read"] } },
  phone: { bearer: { clients: ["phone"] } },
  known: { bearer: { users: "known" } },
  partner: { bearer: { providers: ["partner"], users: "any" } },
} satisfies Record<string, BearerRouteRequirement>;

/** Who came, as the route is told, and what asks for a session beside that. */
async function tell(_request: Request, caller: Caller, { params }: RouteInput<Params>): Promise<Response> {
  const besides = { session: (await getCurrentSession())?.subject ?? null, token: (await getAccessToken()).kind };
  if (caller.kind === "session")
    return Response.json({ kind: params.kind, by: "session", sub: caller.session.subject, besides });
  const { claims: _, ...token } = caller.token;
  return Response.json({ kind: params.kind, by: "token", user: caller.user?.id ?? null, token, besides });
}

const endpoints = Object.fromEntries(
  Object.entries(requirements).map(([kind, requirement]) => [kind, authenticated<Params>(tell, requirement)]),
);
/** One that takes no tokens, behind a gate that lets them pass. */
const plain = authenticated<Params>(async (_request, session) => Response.json({ sub: session.subject }));

async function answer(request: Request, context: { params: Promise<Params> }): Promise<Response> {
  const { kind } = await context.params;
  return (kind === "plain" ? plain : endpoints[kind])?.(request, context) ?? new Response(null, { status: 404 });
}

export { answer as GET, answer as POST };
