import { authenticated } from "@/server/sessions/authenticated";

/** Who is asking, by the claims of their ID token. No network. */
export const GET = authenticated(async (_request, session) => {
  const { id, name, email, image } = session.user;
  return Response.json({
    sub: session.subject,
    provider: session.provider,
    source: "id-token",
    claims: session.claims,
    user: { id, name, email, image },
  });
});
