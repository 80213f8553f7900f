import { authenticated } from "@/auth";

export const GET = authenticated(async (_request, { user }) => Response.json({ name: user.name }));
