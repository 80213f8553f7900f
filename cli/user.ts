import { userInfo } from "node:os";
import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run user -- <act> <user> [--json]`: what an operator does to one account, each act with a row in the audit trail.
loadCommandEnv();
// Its own output is what was asked for.
const { silenceLog } = await import("../server/http/log");
const { findUsers } = await import("../server/accounts/find-users");
const { disableUser, enableUser } = await import("../server/accounts/disable-user");
const { endUserSessions } = await import("../server/accounts/end-user-sessions");
const { deleteUser } = await import("../server/accounts/delete-user");
const { grantAdmin, revokeAdmin } = await import("../server/accounts/name-admin");
const { exportUser } = await import("../server/accounts/export-user");
const { withEvents } = await import("../server/hooks/run-hooks");
silenceLog();

const actor = { kind: "terminal", login: userInfo().username } as const;

interface Outcome {
  /** One line for who reads it. */
  said: string;
  /** The same for programs. */
  json: Record<string, unknown>;
  isRefused?: boolean;
}

type Act = (userId: string) => Promise<Outcome>;

/** What each word does to the user that was found. `find` is no act. */
const acts: Record<string, Act> = {
  async disable(id) {
    const outcome = await disableUser(id, { actor });
    if (outcome.kind === "refused") return refused(id, outcome.code);
    const said =
      outcome.kind === "done" ? `Disabled: ${id}. Sessions ended: ${outcome.sessions}.` : `Already disabled: ${id}.`;
    return { said, json: { id, ...outcome } };
  },
  async enable(id) {
    const outcome = await enableUser(id, { actor });
    return { said: `${outcome.kind === "done" ? "Enabled" : "Not disabled"}: ${id}.`, json: { id, ...outcome } };
  },
  async "end-sessions"(id) {
    const outcome = await endUserSessions(id, { actor });
    return {
      said: `Sessions ended: ${outcome.kind === "done" ? outcome.sessions : 0}.`,
      json: { id, ...outcome },
    };
  },
  async "grant-admin"(id) {
    const outcome = await grantAdmin(id, { actor });
    const said = outcome.kind === "done" ? `Administrator from now on: ${id}.` : `Administrator already: ${id}.`;
    return { said, json: { id, ...outcome } };
  },
  async "revoke-admin"(id) {
    const outcome = await revokeAdmin(id, { actor });
    if (outcome.kind === "refused") return refused(id, outcome.code);
    const said = outcome.kind === "done" ? `No administrator any more: ${id}.` : `Not named by grant-admin: ${id}.`;
    return { said, json: { id, ...outcome } };
  },
  async delete(id) {
    // Whoever runs this has decided: the grace period is the users' own.
    const outcome = await deleteUser(id, { actor, graceDays: 0 });
    if (outcome.kind === "refused") return refused(id, outcome.code);
    if (outcome.kind === "unknown") return { said: `Already gone: ${id}.`, json: { id, ...outcome } };
    const said = outcome.isDone ? `Deleted: ${id}.` : `Not deleted yet: ${id}. The next clean-up tries again.`;
    return { said, json: { id, ...outcome }, isRefused: !outcome.isDone };
  },
  async export(id) {
    for await (const piece of (await exportUser(id, { actor })) ?? []) process.stdout.write(piece);
    return { said: "", json: {} };
  },
};

const usage = `Usage: npm run user -- <find|${Object.keys(acts).join("|")}> <id, address or provider:sub> [--json]
delete takes --yes besides.`;

function refused(id: string, code: string): Outcome {
  return { said: `Refused: ${code}.`, json: { id, kind: "refused", error: code }, isRefused: true };
}

type Found = Awaited<ReturnType<typeof findUsers>>[number];

function lineOf({ id, name, email, accounts, adminSince, disabledAt, deletionDueAt }: Found): string {
  const known = accounts.map(({ provider, providerAccountId }) => `${provider}:${providerAccountId}`).join(" ");
  const state = [
    adminSince && `administrator since ${adminSince.toISOString()}`,
    disabledAt && `disabled ${disabledAt.toISOString()}`,
    deletionDueAt && `to be deleted ${deletionDueAt.toISOString()}`,
  ].filter(Boolean);
  return [id, email ?? "-", name ?? "-", known || "-", ...state].join("  ");
}

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const asJson = flags.includes("--json");

async function run(): Promise<void> {
  const [act = "", who = "", ...rest] = words;
  const isKnown = act === "find" || Object.hasOwn(acts, act);
  if (!isKnown || who === "" || rest.length > 0 || flags.some((flag) => flag !== "--json" && flag !== "--yes"))
    throw new Error(usage);
  const found = await findUsers(who);
  if (act === "find") {
    if (asJson) console.log(JSON.stringify(found, null, 2));
    else for (const user of found) console.log(lineOf(user));
  }
  const [user, other] = found;
  if (!user) throw new Error("No such user.");
  if (act === "find") return;
  if (other) throw new Error(`More than one user may be meant; name one by its id:\n${found.map(lineOf).join("\n")}`);
  if (act === "delete" && !flags.includes("--yes"))
    throw new Error(`This deletes at once, for good, and nobody can undo it. Add --yes to delete:\n${lineOf(user)}`);
  const outcome = await (acts[act] as Act)(user.id);
  if (outcome.said !== "") console.log(asJson ? JSON.stringify(outcome.json) : outcome.said);
  process.exitCode = outcome.isRefused ? 1 : 0;
}

await runCommand(() => withEvents(run));
