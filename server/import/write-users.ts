import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { type Actor, auditAct } from "../accounts/actor";
import { type Audit, audited } from "../audit/audit";
import { db } from "../db/client";
import { providerOf } from "../services/service-provider";
import { postgresStore } from "../tokens/postgres-store";
import type { PlannedUser } from "./plan-user";

/**
 * What became of a user. `known`: an earlier run has imported them, and nothing was missing. `identity_taken`: an account of
 * theirs is another user's here, so that they are here already; nothing is written of them.
 */
export type ImportOutcome =
  | { kind: "imported" | "completed"; accounts: number; connections: number; isAddressTaken: boolean }
  | { kind: "known" }
  | { kind: "left_out"; reason: "no_account" | "identity_taken" };

/** What is here already of what a user would bring. */
interface Here {
  isImported: boolean;
  /** Whose an account is, by `provider subject`. */
  owners: ReadonlyMap<string, string>;
  isAddressTaken: boolean;
  services: ReadonlySet<string>;
}

type Reader = Pick<Prisma.TransactionClient, "user" | "account" | "grant">;

/** What would become of a user, without writing anything. */
export async function judgeUser(user: PlannedUser, tx: Reader = db): Promise<ImportOutcome> {
  return outcomeOf(user, await lookUp(user, tx));
}

/**
 * Writes a user with accounts and connections, or what an earlier run has left of them, with a row in the audit trail. Where
 * somebody signs in at the same time and takes an account or an address, it is judged again.
 */
export async function importUser(user: PlannedUser, { actor }: { actor: Actor }): Promise<ImportOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await audited((tx, audit) => write(user, tx, audit, actor));
    } catch (error) {
      const isConflict = error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002";
      if (!isConflict || attempt === 3) throw error;
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
  return {
    isImported: known.some((user) => user.id === id),
    owners: new Map(owners.map((account) => [keyOf(account.provider, account.providerAccountId), account.userId])),
    isAddressTaken: known.some((user) => user.id !== id),
    services: new Set(services.flatMap(({ service }) => service ?? [])),
  };
}

function outcomeOf(user: PlannedUser, here: Here): ImportOutcome {
  if (user.accounts.length === 0) return { kind: "left_out", reason: "no_account" };
  if ([...here.owners.values()].some((owner) => owner !== user.id))
    return { kind: "left_out", reason: "identity_taken" };
  const accounts = missingAccounts(user, here).length;
  const connections = missingConnections(user, here).length;
  if (here.isImported && accounts + connections === 0) return { kind: "known" };
  const isAddressTaken = !here.isImported && here.isAddressTaken;
  return { kind: here.isImported ? "completed" : "imported", accounts, connections, isAddressTaken };
}

function missingAccounts({ accounts }: PlannedUser, { owners }: Here) {
  const wanted = new Map(accounts.map((account) => [keyOf(account.provider, account.subject), account]));
  return [...wanted].flatMap(([key, account]) => (owners.has(key) ? [] : [account]));
}

function missingConnections({ connections }: PlannedUser, { services }: Here) {
  return connections.filter(({ service }) => !services.has(service.id));
}

function keyOf(provider: string, subject: string): string {
  return `${provider} ${subject}`;
}
