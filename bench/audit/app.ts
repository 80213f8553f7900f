import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { audited } from "@/server/audit/audit";
import { sealRows } from "@/server/audit/seal";
import { db } from "@/server/db/client";
import { lockUser } from "@/server/sessions/registry/end-sessions";
import { keepToCap, openSession } from "@/server/sessions/registry/open-session";
import { postgresStore } from "@/server/tokens/postgres-store";
import { userIdOf } from "../registry/seed";
import { serve } from "../registry/serve";
import { operations as registry } from "../session/operations";
import { operations as tokens } from "../tokens/operations";
import { makeToken } from "../tokens/sample";

// A prime, so that nobody comes twice before everybody came.
const stride = 7919;
let runs = 0;
// Grants that can be refreshed are fewer, and one is refreshed by one caller at a time.
const grants = 6;

const issuer = "https://company.example";

/** What a sign-in writes, in its one transaction: session, grant, tokens, audit row. */
async function signIn(run: number, users: number) {
  const userId = userIdOf(1 + ((run * stride) % users));
  return async () => {
    const now = new Date();
    await audited(async (tx, audit) => {
      await lockUser(tx, userId);
      const opened = await openSession(
        tx,
        {
          userId,
          provider: "company",
          issuer,
          subject: userId,
          providerSessionId: randomUUID(),
          claims: { iss: issuer, sub: userId, name: "Person", email: "person@company.example" },
          claimsSource: "id-token",
          roles: ["member"],
          rolesSource: "id-token",
          userInfoRights: [],
          authTime: now,
          issuedAt: now,
          acr: null,
          amr: ["pwd"],
          rememberMe: false,
          organization: null,
          organizationNames: {},
          givenEmail: null,
        },
        { user: { adminSince: null }, now, ceiling: null },
      );
      const owner = { userId, sessionId: opened.id, service: null, provider: "company", issuer };
      await postgresStore(tx).deposit(owner, {
        accessToken: makeToken(),
        refreshToken: randomUUID(),
        idToken: makeToken(),
        scope: "openid",
        expiresAt: new Date(now.getTime() + 3_600_000),
      });
      const who = { userId, sid: opened.claims.sid, provider: "company", issuer };
      await audit({
        ...who,
        event: "sign_in.succeeded",
        outcome: "success",
        detail: { sub: userId, first: false, replaced: 0 },
      });
      await keepToCap(tx, audit, { userId, newest: opened.id, now });
    });
  };
}

/** An audit row by itself, as most events leave it. */
async function auditRow(run: number, users: number) {
  const userId = userIdOf(1 + ((run * stride) % users));
  return () => writeRows(1, userId);
}

const operations = { signIn, check: registry.check, refresh: tokens.leaseAndPublish, auditRow };
export type ScaleOperation = keyof typeof operations;

/** Does one thing over and over, several at a time. Answers how often it was done in a second. */
async function rate({
  operation,
  users,
  seconds,
  atOnce,
}: {
  operation: ScaleOperation;
  users: number;
  seconds: number;
  atOnce: number;
}) {
  const begun = performance.now();
  const until = begun + seconds * 1000;
  let done = 0;
  const one = async (lane: number) => {
    for (let round = 0; performance.now() < until; round += 1) {
      const run = operation === "refresh" ? lane * grants + (round % grants) : runs++;
      const act = await operations[operation](run, users);
      await act();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, lane) => one(lane)));
  return (done * 1000) / (performance.now() - begun);
}

async function writeRows(count: number, userId: string): Promise<void> {
  const row = {
    event: "token.refreshed",
    outcome: "success",
    userId,
    sessionHash: "bench-session-hash-22ch",
    provider: "company",
    issuer,
    ip: "203.0.113.9",
    userAgent:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    requestId: randomUUID(),
    detail: { resource: "https://api.example" },
  };
  await db.auditEvent.createMany({ data: Array.from({ length: count }, () => ({ ...row, at: new Date() })) });
}

/** Writes so many rows a second, for so long. Answers how many a second it were. */
async function write({ perSecond, seconds }: { perSecond: number; seconds: number }): Promise<number> {
  const parts = 20;
  const begun = performance.now();
  for (let part = 0; part < seconds * parts; part += 1) {
    await writeRows(perSecond / parts, userIdOf(1 + part));
    const early = begun + ((part + 1) * 1000) / parts - performance.now();
    if (early > 0) await sleep(early);
  }
  return (perSecond * seconds * 1000) / (performance.now() - begun);
}

let isSealing = false;
let sealing: Promise<void> = Promise.resolve();

/** Begins to seal as a server does, or ends it. */
async function setSealing(on: boolean): Promise<void> {
  isSealing = on;
  await sealing;
  if (!on) return;
  sealing = (async () => {
    while (isSealing) {
      await sealRows();
      for (let waited = 0; isSealing && waited < 1_000; waited += 100) await sleep(100);
    }
  })();
}

/** Seals all that is there. Answers how many rows a second it did. */
async function sealAll(): Promise<number> {
  const begun = performance.now();
  const rows = await sealRows();
  return (rows * 1000) / (performance.now() - begun);
}

/** The age of the oldest row that is not sealed, in milliseconds, by the database's clock. */
async function oldestUnsealed(): Promise<number> {
  const [row] = await db.$queryRaw<{ ms: number }[]>`
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(e."at")) * 1000, 0)::float8 AS ms
    FROM "AuditEvent" e, "AuditSealer" s WHERE e."id" > s."upTo"`;
  return row?.ms ?? 0;
}

/** Has the chain go on after the rows that are there: what nobody was to seal is no work for later. */
async function skip(): Promise<void> {
  await db.$executeRaw`UPDATE "AuditSealer" SET "upTo" = (SELECT max("id") FROM "AuditEvent"), "gaps" = '[]'`;
}

process.on("disconnect", () => {
  isSealing = false;
});

const requests = { rate, write, setSealing, sealAll, oldestUnsealed, skip };
export type AuditRequests = typeof requests;
serve(requests);
