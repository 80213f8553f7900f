import "server-only";
import type { Prisma } from "@/prisma/generated/client";
import { type Actor, auditAct } from "../accounts/actor";
import { type Audit, audited } from "../audit/audit";
import { db } from "../db/client";
import { isUniqueConflict } from "../db/unique-conflict";
import { providerOf } from "../services/service-provider";
import { postgresStore } from "../tokens/postgres-store";
import type { PlannedUser } from "./plan-user";

/**
 * What became of a user. `known`: an earlier run has imported them, and nothing was missing. Nothing is written of whom is left
 * out. `identity_taken`: an account of theirs is another user's here, so that they are here already. `id_taken`: their id is a
 * user's here who has none of their accounts, so that nothing says that it is they. `deleted`: they came, and are gone.
 *
 * `unlinked`: how many accounts and connections stay behind because their user has taken them away here.
 */
export type ImportOutcome =
  | { kind: "imported" | "completed"; accounts: number; connections: number; unlinked: number; isAddressTaken: boolean }
  | { kind: "known"; unlinked: number }
  | { kind: "left_out"; reason: "no_account" | "identity_taken" | "id_taken" | "deleted" };

/** What is here already of what a user would bring. */
interface Here {
  isImported: boolean;
  /** Whose an account is, by `provider subject`. */
  owners: ReadonlyMap<string, string>;
  isAddressTaken: boolean;
  services: ReadonlySet<string>;
  /** What the user has taken away here: providers and services, as far as the audit trail still knows. */
  takenAway: { providers: ReadonlySet<string>; services: ReadonlySet<string> };
}

type Reader = Pick<Prisma.TransactionClient, "user" | "account" | "grant" | "auditEvent">;

/** What would become of a user, without writing anything. */
export async function judgeUser(user: PlannedUser, tx: Reader = db): Promise<ImportOutcome> {
  return outcomeOf(user, await lookUp(user, tx));
}

/**
 * Writes a user with accounts and connections, or what an earlier run has left of them, with a row in the audit trail. Where
 * somebody signs in at the same time and takes an account or an address, or connects a service, it is judged again.
 */
export async function importUser(user: PlannedUser, { actor }: { actor: Actor }): Promise<ImportOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await audited((tx, audit) => write(user, tx, audit, actor));
    } catch (error) {
      if (!isUniqueConflict(error) || attempt === 3) throw error;
    }
  }
}

async function write(
  user: PlannedUser,
  tx: Prisma.TransactionClient,
  audit: Audit,
  actor: Actor,
): Promise<ImportOutcome> {
  const here = await lookUp(user, tx);
  const outcome = outcomeOf(user, here);
  if (outcome.kind === "left_out" || outcome.kind === "known") return outcome;
  const { id, name, image, createdAt, isBanned } = user;
  // What a user has become here since then stays.
  if (!here.isImported)
    await tx.user.create({
      data: {
        id,
        name,
        image,
        ...(user.email !== null && !here.isAddressTaken && { email: user.email, emailVerified: user.emailVerified }),
        ...(createdAt && { createdAt }),
        ...(isBanned && { disabledAt: new Date() }),
      },
    });
  await tx.account.createMany({
    data: missingAccounts(user, here).map(({ provider, subject, issuer, type }) => ({
      userId: id,
      provider,
      providerAccountId: subject,
      issuer,
      type,
    })),
  });
  for (const { service, subject, tokens } of missingConnections(user, here)) {
    const { id: provider, issuer } = providerOf(service);
    const owner = { userId: id, sessionId: null, service: service.id, provider, issuer, subject };
    await postgresStore(tx).deposit(owner, tokens);
  }
  const { accounts, connections } = outcome;
  await auditAct(audit, actor, { act: "import", userId: id, accounts, connections });
  return outcome;
}

async function lookUp({ id, email, accounts, connections }: PlannedUser, tx: Reader): Promise<Here> {
  const known = await tx.user.findMany({
    where: { OR: [{ id }, ...(email === null ? [] : [{ email }])] },
    select: { id: true },
  });
  const owners = await tx.account.findMany({
    where: { OR: accounts.map(({ provider, subject }) => ({ provider, providerAccountId: subject })) },
    select: { provider: true, providerAccountId: true, userId: true },
  });
  const services = await tx.grant.findMany({
    where: { userId: id, service: { in: connections.map(({ service }) => service.id) } },
    select: { service: true },
  });
  const isImported = known.some((user) => user.id === id);
  return {
    isImported,
    owners: new Map(owners.map((account) => [keyOf(account.provider, account.providerAccountId), account.userId])),
    isAddressTaken: known.some((user) => user.id !== id),
    services: new Set(services.flatMap(({ service }) => service ?? [])),
    takenAway: isImported ? await takenAwayBy(id, tx) : { providers: new Set(), services: new Set() },
  };
}

async function takenAwayBy(userId: string, tx: Reader): Promise<Here["takenAway"]> {
  const rows = await tx.auditEvent.findMany({
    where: { userId, event: { in: ["account.unlinked", "service.disconnected"] }, outcome: "success" },
    select: { provider: true, event: true, detail: true },
  });
  const providers = rows.flatMap(({ event, provider }) => (event === "account.unlinked" && provider ? [provider] : []));
  const services = rows.flatMap(({ detail }) => {
    const service = detail instanceof Object && "service" in detail ? detail.service : null;
    return typeof service === "string" ? [service] : [];
  });
  return { providers: new Set(providers), services: new Set(services) };
}

function outcomeOf(user: PlannedUser, here: Here): ImportOutcome {
  if (user.accounts.length === 0) return { kind: "left_out", reason: "no_account" };
  if ([...here.owners.values()].some((owner) => owner !== user.id))
    return { kind: "left_out", reason: "identity_taken" };
  // An id alone says nothing: in another database the same one is somebody else's.
  if (here.isImported && here.owners.size === 0) return { kind: "left_out", reason: "id_taken" };
  if (!here.isImported && user.isEarlier) return { kind: "left_out", reason: "deleted" };
  const lacking = { accounts: lackingAccounts(user, here), connections: lackingConnections(user, here) };
  const accounts = missingAccounts(user, here).length;
  const connections = missingConnections(user, here).length;
  const unlinked = lacking.accounts.length + lacking.connections.length - accounts - connections;
  if (here.isImported && accounts + connections === 0) return { kind: "known", unlinked };
  const isAddressTaken = !here.isImported && here.isAddressTaken;
  return { kind: here.isImported ? "completed" : "imported", accounts, connections, unlinked, isAddressTaken };
}

function lackingAccounts({ accounts }: PlannedUser, { owners }: Here) {
  const wanted = new Map(accounts.map((account) => [keyOf(account.provider, account.subject), account]));
  return [...wanted].flatMap(([key, account]) => (owners.has(key) ? [] : [account]));
}

function lackingConnections({ connections }: PlannedUser, { services }: Here) {
  return connections.filter(({ service }) => !services.has(service.id));
}

/** What is written: all that is lacking, but for what its user has taken away. */
function missingAccounts(user: PlannedUser, here: Here) {
  return lackingAccounts(user, here).filter(({ provider }) => !here.takenAway.providers.has(provider));
}

function missingConnections(user: PlannedUser, here: Here) {
  return lackingConnections(user, here).filter(({ service }) => !here.takenAway.services.has(service.id));
}

function keyOf(provider: string, subject: string): string {
  return `${provider} ${subject}`;
}
