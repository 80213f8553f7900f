import "server-only";
import { isNavigation } from "@/edge/request-kind";
import { parseReturnPath } from "@/edge/return-path";
import { databaseFailureCode } from "../../db/unavailable";
import { errorReply, failedReply, redirectTo } from "../../http/error-reply";
import { describeError, log } from "../../http/log";
import { chooseOrganization, organizationIds } from "../registry/organization";
import { readSessionForm } from "./guarded-form";

/**
 * `POST /api/account/organizations/use`: has the session's user work in one of their organizations (`organization`, its id)
 * from now on, on all tabs of this session, and goes back to where the form was (`returnTo`). One that they do not belong to is
 * `unknown_organization`, whether it exists or not.
 */
export async function chooseOrganizationForm(request: Request): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { form, session } = sent;
  const organization = form.get("organization");
  if (!organization) return errorReply(request, "invalid_request");
  // What no claim could be is not asked of the database.
  if (!organizationIds(session.claims).includes(organization)) return errorReply(request, "unknown_organization");
  try {
    if (!(await chooseOrganization(session.id, organization))) return errorReply(request, "unknown_organization");
  } catch (error) {
    log.error("session.organization_not_chosen", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
  if (!isNavigation(request.headers)) return Response.json({ organization }, { headers: privately });
  const returnTo = form.get("returnTo");
  return redirectTo(returnTo === undefined ? "/account/organizations?changed=1" : parseReturnPath(returnTo));
}

const privately = { "Cache-Control": "private, no-store" };
