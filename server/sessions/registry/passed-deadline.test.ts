import { describe, expect, it } from "vitest";
import { passedDeadline } from "./passed-deadline";

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000);
const row = (idle: number, absolute: number, expiresBy = "policy") => ({
  idleExpiresAt: at(idle),
  expires: at(absolute),
  expiresBy,
});

describe("the deadline that a session has passed", () => {
  it.each([
    ["none, while both lie ahead", row(10, 20), 9, null],
    ["the pause, at its very end", row(10, 20), 10, "session_idle"],
    ["the pause, however long ago the absolute end was as well", row(10, 20), 9999, "session_idle"],
    ["the absolute end of somebody who went on until then", row(20, 20), 20, "session_expired"],
    ["the provider's, where that came first", row(20, 20, "provider"), 20, "provider_limit"],
    ["the pause, in a session that the provider limits too", row(10, 20, "provider"), 30, "session_idle"],
  ])("is %s", (_, limits, now, expected) => {
    expect(passedDeadline(limits, at(now))).toBe(expected);
  });
});
