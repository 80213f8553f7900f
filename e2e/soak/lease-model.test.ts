import { expect, it } from "vitest";
import { judgeLease, type LeaseFacts } from "./lease-model";

const life = { session: "s1", user: "u1", userId: "id1", grant: "g1", began: 0 };
const other = { session: "s2", user: "u2", userId: "id2", grant: "g2", began: 0 };
const target = "shopping ";

/** Two users, each with a token of the sign-in and one of a refresh; nothing is wrong with them. */
const sound: LeaseFacts = {
  lives: [life, other],
  endings: [],
  faults: [],
  refreshes: [
    { grant: "g1", token: "r0", begin: 100, end: 200, outcome: "renewed" },
    { grant: "g1", token: "r1", begin: 200, end: 300, outcome: "renewed" },
    { grant: "g2", token: "q0", begin: 150, end: 250, outcome: "renewed" },
  ],
  rotations: [
    { grant: "g1", number: 0, target: "userinfo ", sha256: "a0", at: 50 },
    { grant: "g1", number: 1, target, sha256: "a1", at: 190 },
    { grant: "g1", number: 2, target, sha256: "a2", at: 290 },
    { grant: "g2", number: 1, target, sha256: "b1", at: 240 },
  ],
  handed: [
    { session: "s1", target, sha256: "a1", sub: "u1", begin: 90, end: 210 },
    { session: "s1", target, sha256: "a2", sub: "u1", begin: 205, end: 310 },
    { session: "s1", target, sha256: "a1", sub: "u1", begin: 206, end: 320 },
  ],
  renewed: [],
  served: [{ session: "s1", userId: "id1", sub: "u1", sha256: "a2", begin: 320 }],
  servedTarget: target,
};

const rules = (facts: Partial<LeaseFacts>) =>
  judgeLease({ ...sound, ...facts }).map(({ rule, what }) => `${rule}: ${what}`);
const kill = { kind: "kill", what: "SIGKILL", instance: 0, begin: 250, end: 260 } as const;

it("a record in which all is well has no violation", () => {
  expect(rules({})).toEqual([]);
});

it("two refreshes of a grant that overlap are seen, also beside one that never ended", () => {
  const [first, second] = sound.refreshes;
  if (!first || !second) throw new Error("There are two.");
  expect(rules({ refreshes: [first, { ...second, begin: 199 }] })).toEqual([
    "one refresh at a time: two refreshes of a grant overlap",
  ]);
  expect(rules({ refreshes: [{ ...first, end: null }, second] })).toHaveLength(1);
  expect(rules({ refreshes: [first, { ...second, grant: "g3", begin: 150 }] })).toEqual([]);
});

it("a refresh token that is sent again after its answer was heard is seen, unless a process was killed in between", () => {
  const again = { grant: "g1", token: "r1", begin: 300, end: 350, outcome: "refused" } as const;
  expect(rules({ refreshes: [...sound.refreshes, again] })).toEqual([
    "no token twice: a refresh token was sent again after its answer",
  ]);
  expect(rules({ refreshes: [...sound.refreshes, again], faults: [kill] })).toEqual([]);
  const lost = sound.refreshes.map((refresh) =>
    refresh.token === "r1" ? { ...refresh, outcome: "lost" as const } : refresh,
  );
  expect(rules({ refreshes: [...lost, again] })).toEqual([]);
});

it("a token of another session, of another target, of nobody, or in another's name is seen", () => {
  const handed = { session: "s1", target, sha256: "a2", sub: "u1", begin: 400, end: 410 };
  expect(rules({ handed: [{ ...handed, sha256: "b1" }] })).toEqual([
    "own token: a page got a token of another session",
  ]);
  expect(rules({ handed: [{ ...handed, sha256: "a0" }] })).toEqual([
    `own token: a page got a token for "userinfo " in place of "${target}"`,
  ]);
  expect(rules({ handed: [{ ...handed, sha256: "x" }] })).toEqual([
    "own token: a page got a token that the provider never gave out",
  ]);
  expect(rules({ handed: [{ ...handed, sub: "u2" }] })).toEqual(["own token: a token names another user"]);
  const served = { session: "s1", userId: "id1", sub: "u1", sha256: "a2", begin: 400 };
  expect(rules({ served: [{ ...served, userId: "id2" }] })).toEqual(["own token: a service was told of another user"]);
  expect(rules({ served: [{ ...served, sha256: "b1", sub: "u2" }] })).toHaveLength(2);
});

it("a token that is older than one that was handed out before it was asked for is seen", () => {
  const late = { session: "s1", target, sha256: "a1", sub: "u1", begin: 311, end: 330 };
  expect(rules({ handed: [...sound.handed, late] })).toEqual([
    "never an older token: a token of rotation 1 was handed out after one of rotation 2",
  ]);
  expect(rules({ handed: [...sound.handed, { ...late, begin: 310 }] })).toEqual([]);
});

it("a token that was there before a refresh that somebody had done is older, when it is handed out after it", () => {
  const renewed = [{ session: "s1", target, begin: 300, end: 390 }];
  const given = { session: "s1", target, sub: "u1", begin: 400, end: 410 };
  expect(rules({ renewed, handed: [{ ...given, sha256: "a1" }] })).toEqual([
    "never an older token: after a refresh a token was handed out that is older than rotation 2, which was there before it",
  ]);
  expect(rules({ renewed, handed: [{ ...given, sha256: "a2" }] })).toEqual([]);
  expect(rules({ renewed, handed: [{ ...given, sha256: "a1", begin: 390 }] })).toEqual([]);
});

it("a token for an ended session is seen, at a page and at a service", () => {
  const ending = { by: "device", user: "u1", sessions: ["s1"], begin: 290, end: 300 } as const;
  const endings = [ending];
  const late = { session: "s1", target, sha256: "a2", sub: "u1", begin: 301, end: 330 };
  expect(rules({ endings, handed: [late], served: [] })).toHaveLength(1);
  expect(rules({ endings, handed: [], served: [{ ...late, userId: "id1" }] })).toHaveLength(1);
  expect(rules({ endings, handed: [{ ...late, begin: 300 }], served: [] })).toEqual([]);
  expect(rules({ endings: [{ ...ending, end: null }], handed: [late], served: [] })).toEqual([]);
});
