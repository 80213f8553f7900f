import { authenticated } from "@/auth";

export const GET = authenticated(
  async (_request, session, { userInfo }) => new Response(`${session.subject} is ${userInfo.sub}`),
  {
    userInfo: true,
    redirect: true,
  },
);
