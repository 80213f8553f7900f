import { listAuditEvents } from "@/server/administration/audit-filter";
import { clockDifferences } from "@/server/administration/clock-differences";
import { writeCursor } from "@/server/administration/cursor";
import { listDailyFigures } from "@/server/administration/daily-counts";
import { findUserDetails } from "@/server/administration/find-user";
import { listAudit } from "@/server/administration/list-audit";
import { listLiveSessions, listOrigins } from "@/server/administration/list-live-sessions";
import { listNewestUsers, searchUsers } from "@/server/administration/list-users";
import { expect, type Operation } from "../registry/timed";
import { userOfRun } from "./seed-trail";

const day = 86_400_000;
/** A moment within the days that have rows, another one each time. */
const momentOf = (run: number) => new Date(Date.now() - (1 + (run % 300)) * day);
const middle = (run: number) => writeCursor({ key: momentOf(run).toISOString(), id: "1" });

async function newestUsers() {
  return async () => expect((await listNewestUsers(undefined)).users.length, 25);
}

async function nextUsers() {
  const first = await listNewestUsers(undefined);
  return async () => expect((await listNewestUsers(first.next ?? undefined)).users.length, 25);
}

// Of the small database, too, a page is full.
const search = (field: "email" | "name" | "subject", prefix: string): Operation => {
  return async () => async () => expect((await searchUsers(field, prefix)).users.length, 25);
};

async function userPage(run: number, users: number) {
  const id = userOfRun(run, users);
  return async () => {
    const user = await findUserDetails(id);
    expect(user?.id, id);
    expect((await listAudit({ user: id }, { most: 25 })).rows.length, 10);
  };
}

async function sessions() {
  return async () => expect((await listLiveSessions({}, [])).sessions.length, 25);
}

async function sessionsFiltered() {
  return async () => {
    const origins = await listOrigins();
    expect((await listLiveSessions({ provider: "company", device: "Chrome, Windows" }, origins)).sessions.length, 25);
  };
}

async function trail() {
  return async () => expect((await listAudit({})).rows.length, 50);
}

async function trailBefore(run: number) {
  return async () => expect((await listAudit({}, { before: middle(run) })).rows.length, 50);
}

async function trailOfEvent(run: number) {
  return async () => {
    expect((await listAudit({ event: "sign_out" }, { before: middle(run) })).rows.length, 50);
    expect((await listAuditEvents()).length, 6);
  };
}

// One in a thousand fits: what is looked at is bounded.
async function trailOfFailures() {
  return async () => expect((await listAudit({ outcome: "failure" })).rows.length, 1);
}

async function plots() {
  return async () => {
    expect((await listDailyFigures()).length, 30);
    await clockDifferences(["company"]);
  };
}

/** What is measured. */
export const operations = {
  newestUsers,
  nextUsers,
  searchName: search("name", "person 1"),
  searchEmail: search("email", "person1"),
  searchSubject: search("subject", "subject-1"),
  userPage,
  sessions,
  sessionsFiltered,
  trail,
  trailBefore,
  trailOfEvent,
  trailOfFailures,
  plots,
} satisfies Record<string, Operation>;
