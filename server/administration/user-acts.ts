import "server-only";
import type { ErrorCode } from "@/edge/error-codes";
import type { Actor } from "../accounts/actor";
import { deleteUser } from "../accounts/delete-user";
import { disableUser, enableUser } from "../accounts/disable-user";
import { endUserSession } from "../accounts/end-user-session";
import { endUserSessions } from "../accounts/end-user-sessions";
import { noteUser } from "../accounts/note-user";
import { type ActOutcome, actAsAdmin } from "./act";
import { uuidForm } from "./cursor";

type Outcome = { kind: string; code?: ErrorCode; isDone?: boolean };
type UserAct = (id: string, by: { actor: Actor }, form: ReadonlyMap<string, string>) => Promise<Outcome>;

/** What an administrator's form may do to a user, by the last part of its address. */
const userActs: Readonly<Record<string, UserAct>> = {
  disable: disableUser,
  enable: enableUser,
  "end-sessions": endUserSessions,
  note: (id, by, form) => noteUser(id, form.get("note") ?? "", by),
  // An administrator has decided: the grace period is the users' own.
  delete: (id, { actor }) => deleteUser(id, { actor, graceDays: 0 }),
};

/** `POST /api/admin/users/[act]`: an act on the user in the field `user`. One that is not there is shown as not there. */
export function actOnUser(request: Request, act: string): Promise<Response> {
  return actAsAdmin(request, (form) => {
    const id = form.get("user") ?? "";
    const work = Object.hasOwn(userActs, act) ? userActs[act] : undefined;
    if (!work || !uuidForm.test(id) || (act === "delete" && form.get("sure") !== "yes")) return null;
    const page = `/admin/users/${id}`;
    return { page, carryOut: async (actor) => outcomeOf(await work(id, { actor }, form), { id, page }) };
  });
}

/** `POST /api/admin/sessions/end`: ends the session in the field `session`, from the list, or from the page of its `user`. */
export function endSessionAsAdmin(request: Request): Promise<Response> {
  return actAsAdmin(request, (form) => {
    const [id, user] = [form.get("session") ?? "", form.get("user")];
    if (!uuidForm.test(id) || (user !== undefined && !uuidForm.test(user))) return null;
    const page = user === undefined ? "/admin/sessions" : `/admin/users/${user}`;
    return {
      page,
      carryOut: async (actor) => {
        const done = await endUserSession(id, { actor });
        const flag = user === undefined ? "ended" : "done";
        return { show: done ? `${page}?${flag}=1` : page, done };
      },
    };
  });
}

function outcomeOf(outcome: Outcome, { id, page }: { id: string; page: string }): ActOutcome {
  if (outcome.code) return { refused: outcome.code };
  // Of a user who is gone the list says so.
  if (outcome.kind === "unknown" || outcome.isDone) {
    return { show: `/admin/users?q=${id}`, done: outcome.isDone === true };
  }
  return { show: `${page}?done=1`, done: outcome.kind !== "unchanged" };
}
