import { failureJson, getAccessToken } from "@/auth";

export async function GET(): Promise<Response> {
  const outcome = await getAccessToken();
  if (outcome.kind !== "token") return failureJson(outcome);
  return Response.json({ expiresAt: outcome.expiresAt, length: outcome.accessToken.length });
}
