import { authenticated } from "@/auth";

export const GET = authenticated(
  async (_request, session, { userInfo }) => Response.json({ sub: session.subject, name: userInfo.name }),
  { userInfo: true },
);

// Without `userInfo: true` there is none, and whoever reads it is told when they build.
export const POST = authenticated(async (_request, _session, input) => {
  // @ts-expect-error
  return Response.json({ none: input.userInfo ?? null });
});
