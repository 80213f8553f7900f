import { authenticated, getServices } from "@/auth";

/** Hands on all that a page gets to know of services, as a careless one would. */
export const GET = authenticated(async () => Response.json(getServices()));
