import type { SessionClaims } from "@/edge/session-cookie";
import { sweepBatch } from "@/server/auth/sweep";
import { deleteExpired } from "@/server/db/delete-expired";
import { endOwnSessions } from "@/server/sessions/end-own-sessions";
import { listSessions } from "@/server/sessions/list-sessions";
import { judgeSession } from "@/server/sessions/session-state";
import { sweepSessions } from "@/server/sessions/sweep-sessions";
import { doublySignedIn, sessionTokenOf, userIdOf } from "../registry/seed";
import { expect, type Operation } from "../registry/timed";
import { addSessions, forgetSessions, outdateSessions } from "./rows";

const day = 86_400_000;

async function check(run: number, people: number) {
  const claims = claimsOf(somebody(run, people), people);
  return async () => {
    const state = await judgeSession(claims, false);
    expect(state.kind, "active");
  };
}

async function list(run: number, people: number) {
  const state = await judgeSession(claimsOf(somebody(run, people), people), false);
  if (state.kind !== "active") throw new Error(`The session is ${state.kind}.`);
  return async () => {
    const { active, ended } = await listSessions(state.session, new Date());
    expect(active.length + ended.length, 2);
  };
}

async function endEverywhere(run: number, people: number) {
  const claims = claimsOf(somebody(run, people), people);
  return async () => {
    const { count, grants } = await endOwnSessions(claims, "everywhere");
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
function somebody(run: number, people: number): number {
  const choices = (people * 2) / 5 - 1;
  return doublySignedIn(1 + ((run * stride) % choices), people);
}

function claimsOf(n: number, people: number): SessionClaims {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: userIdOf(n),
    sid: sessionTokenOf(n, people),
    provider: "company",
    roles: [],
    authTime: now,
    issuedAt: now,
    idleSeconds: 1800,
    idleDeadline: now + 1800,
    absoluteDeadline: now + 3600,
  };
}
