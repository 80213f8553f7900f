import "server-only";
import { headers } from "next/headers";
import { isNavigation } from "@/edge/request-kind";
import { parseLocalPath } from "@/edge/return-path";
import { callingPage } from "../http/same-origin";

/** Where the user connects a service, to come back to the page that they are on, as far as it is known. */
export async function connectPathOf(serviceId: string): Promise<string> {
  const page = parseLocalPath(currentPage(await headers()));
  const query = page === null ? "" : `?${new URLSearchParams({ returnTo: page })}`;
  return `/account/connections${query}#${serviceId}`;
}

/** The page that is being rendered, or whose script asks. */
function currentPage(request: Pick<Headers, "get">): string | null {
  const isPage = isNavigation(request) || request.get("rsc") !== null || request.get("next-action") !== null;
  return isPage ? request.get("x-daemun-path") : callingPage(request);
}
