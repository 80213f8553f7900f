import "server-only";
import type { Actor } from "../accounts/actor";
import { type Mapping, planUser } from "./plan-user";
import type { Source } from "./source";
import { type ImportOutcome, importUser, judgeUser } from "./write-users";

/** What an import did, or a dry run would do. Ids are those of the other database. */
export interface ImportReport {
  users: number;
  imported: number;
  /** Imported by an earlier run, and given what had been missing. */
  completed: number;
  known: number;
  accounts: number;
  connections: number;
  /** Users who came, or would, without an address: nobody here trusts it, or nobody has verified it. */
  withoutAddress: number;
  /** How many accounts stay behind, by their provider's id there and why. */
  accountsLeft: Record<string, number>;
  /** Users who did not come, and users whose address is another's here. */
  collisions: { id: string; reason: "identity_taken" | "id_taken" | "address_taken" }[];
  /** Accounts and connections that stay behind because their user has taken them away here. */
  unlinked: number;
  /** Users whom an earlier run has brought, and who are gone. */
  deleted: number;
  /** Users without any account that this app's providers know: they sign up again. */
  leftOut: number;
}

const batch = 1_000;

/**
 * Copies the users of another database, in the order of their ids. It may be stopped and run again at any time: who is here is
 * passed over. A dry run writes nothing.
 *
 * @param told after each batch
 */
export async function importUsers(
  source: Source,
  mapping: Mapping,
  {
    write,
    actor,
    told,
  }: { write: boolean; actor: Actor; told: (report: ImportReport, ids: Map<string, string>) => void },
): Promise<ImportReport> {
  const report: ImportReport = {
    users: 0,
    imported: 0,
    completed: 0,
    known: 0,
    accounts: 0,
    connections: 0,
    withoutAddress: 0,
    accountsLeft: {},
    collisions: [],
    unlinked: 0,
    deleted: 0,
    leftOut: 0,
  };
  // Of a dry run, whose users are not here for each other.
  const addresses = new Set<string>();
  for (let after: string | null = null; ; ) {
    const users = await source.usersAfter(after, batch);
    const ids = new Map<string, string>();
    for (const user of users) {
      const planned = planUser(user, mapping);
      for (const { provider, fault } of planned.faults) {
        const key = `${provider} ${fault}`;
        report.accountsLeft[key] = (report.accountsLeft[key] ?? 0) + 1;
      }
      let outcome = write ? await importUser(planned, { actor }) : await judgeUser(planned);
      if (!write && outcome.kind === "imported" && planned.email !== null) {
        if (addresses.has(planned.email)) outcome = { ...outcome, isAddressTaken: true };
        addresses.add(planned.email);
      }
      count(report, planned, outcome);
      if (outcome.kind !== "left_out") ids.set(user.id, planned.id);
    }
    told(report, ids);
    const last = users.at(-1);
    if (!last || users.length < batch) return report;
    after = last.id;
  }
}

function count(
  report: ImportReport,
  { sourceId, email }: { sourceId: string; email: string | null },
  outcome: ImportOutcome,
): void {
  report.users += 1;
  switch (outcome.kind) {
    case "known":
      report.known += 1;
      report.unlinked += outcome.unlinked;
      return;
    case "left_out":
      if (outcome.reason === "no_account") report.leftOut += 1;
      else if (outcome.reason === "deleted") report.deleted += 1;
      else report.collisions.push({ id: sourceId, reason: outcome.reason });
      return;
    default:
      report[outcome.kind] += 1;
      report.accounts += outcome.accounts;
      report.connections += outcome.connections;
      report.unlinked += outcome.unlinked;
      if (outcome.isAddressTaken) report.collisions.push({ id: sourceId, reason: "address_taken" });
      else if (outcome.kind === "imported" && email === null) report.withoutAddress += 1;
  }
}
