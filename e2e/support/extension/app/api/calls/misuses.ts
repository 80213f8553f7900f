import { authenticated } from "@/auth";

// Whoever takes the caller for a session, or a role for something that a token could be asked for, is told when they build.
export const misuses = [
  // @ts-expect-error
  () => authenticated(async (_request, caller) => Response.json(caller.subject), { bearer: {} }),
  // @ts-expect-error
  () => authenticated(async () => new Response(), { bearer: {}, roles: ["admin"] }),
  // @ts-expect-error
  () => authenticated(async () => new Response(), { bearer: {}, userInfo: true }),
  // @ts-expect-error
  () => authenticated(async () => new Response(), { bearer: {}, redirect: true }),
];
