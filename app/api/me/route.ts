import { errorJson, failureJson } from "@/server/http/error-reply";
import { authenticated } from "@/server/sessions/guards/authenticated";
import { fetchUserInfo } from "@/server/sessions/guards/session-tokens";

/** Who is asking: by the claims of their ID token, without network, or by what the provider's userinfo says now. */
export const GET = authenticated(async (request, session) => {
  const source = new URL(request.url).searchParams.get("source") ?? "id-token";
  const about = { sub: session.subject, provider: session.provider, source };
  const { id, name, email, image } = session.user;
  const user = { id, name, email, image };
  if (source === "id-token") return Response.json({ ...about, claims: session.claims, user });
  if (source !== "userinfo") return errorJson("invalid_request");
  const outcome = await fetchUserInfo();
  return outcome.kind === "claims" ? Response.json({ ...about, claims: outcome.claims, user }) : failureJson(outcome);
});
