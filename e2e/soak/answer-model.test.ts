import { expect, it } from "vitest";
import { type AnswerFacts, judgeAnswers } from "./answer-model";
import { type Asked, emptyHistory, type Fault, type FaultKind } from "./history";

const life = { session: "s1", user: "u1", userId: "id1", grant: "g1", began: 1_000 };
const asked: Asked = {
  user: "u1",
  session: "s1",
  instance: 0,
  what: "GET /api/me",
  begin: 200_000,
  end: 200_100,
  outcome: "ok",
  status: 200,
  code: null,
  retryAfter: null,
  names: ["u1"],
};
const refused = { outcome: "refused", status: 401, code: "session_revoked", names: [] } as const;
const failed = { outcome: "failed", status: 503, code: "database_unavailable", retryAfter: "5", names: [] } as const;
const cut = { outcome: "cut", status: null, names: [] } as const;

const facts: AnswerFacts = { ...emptyHistory(), lives: [life], refreshes: [], streamsEndWithinMs: null };
const judge = (change: Partial<Asked>, more: Partial<AnswerFacts> = {}) =>
  judgeAnswers({ ...facts, asked: [{ ...asked, ...change }], ...more }).map(({ rule }) => rule);
const fault = (kind: FaultKind, begin: number, end: number | null, instance: number | null = null): Fault => ({
  kind,
  what: "",
  instance,
  begin,
  end,
});
const signOut = { by: "device", user: "u1", sessions: ["s1"], begin: 100_000, end: 100_050 } as const;

it("an answer that names its user alone is right, and one that names another is not", () => {
  expect(judge({})).toEqual([]);
  expect(judge({ names: ["u1", "u2"] })).toEqual(["own answers"]);
  expect(judge({ names: [] })).toEqual(["own answers"]);
  expect(judge({ names: [], what: "GET token" })).toEqual([]);
});

it("an answer after the end of its session is seen, whoever ended it, and one that was asked for before is not", () => {
  const rule = ["no session after its end"];
  expect(judge({}, { endings: [signOut] })).toEqual(rule);
  expect(judge({}, { endings: [{ ...signOut, sessions: "all" }] })).toEqual(rule);
  expect(judge({ begin: 100_050, end: 100_150 }, { endings: [signOut] })).toEqual([]);
  // Nobody was told that it ended; and one that began afterwards is not meant.
  expect(judge({}, { endings: [{ ...signOut, end: null }] })).toEqual([]);
  expect(judge({}, { endings: [{ ...signOut, sessions: "all" }], lives: [{ ...life, began: 100_001 }] })).toEqual([]);
});

it("a refusal of a living session is seen, unless something began to end it or the provider refused its grant", () => {
  expect(judge(refused)).toEqual(["nobody is signed out by chaos"]);
  expect(judge(refused, { endings: [signOut] })).toEqual([]);
  expect(judge(refused, { endings: [{ ...signOut, begin: 200_101, end: 200_200 }] })).toHaveLength(1);
  expect(judge(refused, { endings: [{ ...signOut, user: "u2", sessions: "all" }] })).toHaveLength(1);
  const refusal = { grant: "g1", token: "r", begin: 199_000, end: 199_100, outcome: "refused" } as const;
  expect(judge(refused, { refreshes: [refusal] })).toEqual([]);
  expect(judge(refused, { refreshes: [{ ...refusal, grant: "g2" }] })).toHaveLength(1);
});

it("an error has to be explained by a fault of its kind, and to say when to try again", () => {
  expect(judge(failed)).toEqual(["errors are explained"]);
  expect(judge(failed, { faults: [fault("database", 195_000, 196_000)] })).toEqual([]);
  expect(judge(failed, { faults: [fault("database", 100_000, 101_000)] })).toHaveLength(1);
  expect(judge(failed, { faults: [fault("provider", 195_000, 196_000)] })).toHaveLength(1);
  expect(judge({ ...failed, retryAfter: null }, { faults: [fault("database", 195_000, null)] })).toHaveLength(1);
  expect(
    judge({ ...failed, code: "internal_error", status: 500 }, { faults: [fault("database", 0, null)] }),
  ).toHaveLength(1);
  expect(judge({ ...failed, code: null, status: 500 }, { faults: [fault("database", 0, null)] })).toHaveLength(1);
});

it("a connection may be cut by the death of its own instance alone, and no answer takes for ever", () => {
  expect(judge(cut)).toEqual(["answered in time"]);
  expect(judge(cut, { faults: [fault("kill", 199_000, 202_000, 0)] })).toEqual([]);
  expect(judge(cut, { faults: [fault("kill", 199_000, 202_000, 1)] })).toHaveLength(1);
  expect(judge({ end: 240_000 })).toEqual(["answered in time"]);
});

it("a stream that is cut while its session lives is seen, and, where that is promised, one that goes on after it", () => {
  const stream = {
    session: "s1",
    instance: 0,
    begin: 90_000,
    lastEvent: 130_000,
    end: 130_100,
    endedBy: "app",
  } as const;
  expect(judge({}, { streams: [stream], asked: [] })).toEqual(["answered in time"]);
  expect(judge({}, { streams: [{ ...stream, endedBy: "user" }], asked: [] })).toEqual([]);
  const ended = { streams: [{ ...stream, endedBy: "user" as const }], asked: [], endings: [signOut] };
  expect(judge({}, ended)).toEqual([]);
  expect(judge({}, { ...ended, streamsEndWithinMs: 15_000 })).toEqual(["streams end with their session"]);
  expect(judge({}, { ...ended, streamsEndWithinMs: 60_000 })).toEqual([]);
});
