import { describe, expect, it } from "vitest";
import { asClockFace, secondsUntil, warningMs } from "./deadlines";
import { signInFrom } from "./departure";
import { parseSessionAnswer } from "./session-api";
import { parseTabMessage } from "./session-channel";

describe("an answer of the server", () => {
  const live = {
    authenticated: true,
    idleExpiresAt: "2026-11-21T09:30:00.000Z",
    expiresAt: "2026-11-21T21:00:00.000Z",
    now: "2026-11-21T09:00:00.000Z",
  };

  it("tells the deadlines by the server's clock", () => {
    expect(parseSessionAnswer(live, 42)).toEqual({
      kind: "live",
      monotonic: 42,
      deadlines: {
        idleExpiresAt: Date.UTC(2026, 10, 21, 9, 30),
        expires: Date.UTC(2026, 10, 21, 21),
        at: Date.UTC(2026, 10, 21, 9),
      },
    });
  });

  it("of nobody is the end", () => {
    const over = { authenticated: false, idleExpiresAt: null, expiresAt: null, now: live.now };
    expect(parseSessionAnswer(over, 0)).toEqual({ kind: "over", at: Date.UTC(2026, 10, 21, 9) });
  });

  it("of any other form is none, and ends nothing", () => {
    for (const body of [
      null,
      "no",
      {},
      { ...live, now: "soon" },
      { ...live, expiresAt: null },
      { authenticated: false },
    ]) {
      expect(parseSessionAnswer(body, 0)).toEqual({ kind: "silent" });
    }
  });
});

describe("a message between tabs", () => {
  it("is taken as it was sent", () => {
    for (const message of [
      { kind: "deadlines", key: "a", idleExpiresAt: 1, expires: 2, at: 0 },
      { kind: "dismissed", key: "a", end: 2 },
      { kind: "gone", key: null, signedOut: true, at: 0 },
    ]) {
      expect(parseTabMessage(message)).toEqual(message);
    }
  });

  it("of an unknown form is not heard", () => {
    for (const data of [null, "gone", {}, { kind: "gone", key: null }, { kind: "deadlines", key: "a", at: "0" }]) {
      expect(parseTabMessage(data)).toBeNull();
    }
  });
});

describe("the countdown", () => {
  it("takes two minutes, or half of a short idle time", () => {
    expect([1800, 240, 12].map(warningMs)).toEqual([120_000, 120_000, 6_000]);
  });

  it("is written as minutes and seconds, and 0:00 only when it is over", () => {
    expect([119, 60, 9, 0].map(asClockFace)).toEqual(["1:59", "1:00", "0:09", "0:00"]);
    expect([secondsUntil(1_000, 999), secondsUntil(1_000, 1_000), secondsUntil(1_000, 9_000)]).toEqual([1, 0, 0]);
  });
});

describe("signing in again", () => {
  it("leads back to the page, query and fragment too", () => {
    expect(signInFrom({ pathname: "/account", search: "?a=b&c", hash: "#here" })).toBe(
      "/sign-in?returnTo=%2Faccount%3Fa%3Db%26c#here",
    );
  });
});
