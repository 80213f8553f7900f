import type { SessionClaims } from "@/edge/session-cookie";
import { deleteExpired } from "@/server/db/delete-expired";
import { endOwnSessions } from "@/server/sessions/registry/end-own-sessions";
import { listSessions } from "@/server/sessions/registry/list-sessions";
import { readSession } from "@/server/sessions/registry/session-state";
import { sweepBatch } from "@/server/sessions/registry/sweep";
import { sweepSessions } from "@/server/sessions/registry/sweep-sessions";
import { doublySignedIn, sessionTokenOf, userIdOf } from "../registry/seed";
import { expect, type Operation } from "../registry/timed";
import { addSessions, forgetSessions, outdateSessions } from "./rows";

const day = 86_400_000;

async function check(run: number, users: number) {
  const claims = claimsOf(userOfRun(run, users), users);
  return async () => {
    const state = await readSession({ activity: "no", claims });
    expect(state.kind, "active");
  };
}

async function list(run: number, users: number) {
  const state = await readSession({ activity: "no", claims: claimsOf(userOfRun(run, users), users) });
  if (state.kind !== "active") throw new Error(`The session is ${state.kind}.`);
  return async () => {
    const { active, ended } = await listSessions(state.session, new Date());
    expect(active.length + ended.length, 2);
  };
}

async function endEverywhere(run: number, users: number) {
  const claims = claimsOf(userOfRun(run, users), users);
  return async () => {
    const { count, grants } = await endOwnSessions(claims, "everywhere", { confirmed: true });
    expect(count, 2);
    expect(grants.length, 2);
  };
}

async function endForgotten() {
  await addSessions(sweepBatch);
  await forgetSessions(sweepBatch);
  return async () => {
    expect((await sweepSessions(sweepBatch)).count, sweepBatch);
  };
}

async function deleteOld() {
  const before = new Date(Date.now() - 7 * day);
  await outdateSessions(sweepBatch, before);
  return async () => {
    expect(await deleteExpired("Session", before, sweepBatch), sweepBatch);
  };
}

/** What is measured. All that one person does comes first: sweeping takes their sessions away. */
export const operations = { check, list, endEverywhere, endForgotten, deleteOld } satisfies Record<string, Operation>;

// A prime, so that nobody comes twice before everybody came: all 399, when there are 1,000 people.
const stride = 7919;

/** Somebody with two live sessions, far from whoever the run before was about. */
function userOfRun(run: number, users: number): number {
  const choices = (users * 2) / 5 - 1;
  return doublySignedIn(1 + ((run * stride) % choices), users);
}

function claimsOf(n: number, users: number): SessionClaims {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: userIdOf(n),
    sid: sessionTokenOf(n, users),
    provider: "company",
    roles: [],
    authTime: now,
    issuedAt: now,
    idleSeconds: 1800,
    idleDeadline: now + 1800,
    absoluteDeadline: now + 3600,
  };
}
