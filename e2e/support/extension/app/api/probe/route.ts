import { authenticated, failureJson, getAccessToken, type ResourceIndicator } from "@/auth";
import { shown } from "../../probe/outcome";

/** Asks for one token `n` times at once, and shows what came; if one did not come, the error that it brought. */
export const GET = authenticated(async (request) => {
  const query = new URL(request.url).searchParams;
  const wanted = {
    ...(query.has("resource") && { resource: (query.get("resource") ?? "") as ResourceIndicator }),
    ...(query.has("organization") && { organization: query.get("organization") ?? "" }),
    ...(query.has("scopes") && { scopes: (query.get("scopes") ?? "").split(" ") }),
  };
  const calls = Array.from({ length: Number(query.get("n") ?? 1) }, () => getAccessToken(wanted));
  const outcomes = await Promise.all(calls);
  const failed = outcomes.find((outcome) => outcome.kind !== "token");
  return failed ? failureJson(failed) : Response.json(outcomes.map(shown));
});
