import { beforeEach, expect, it, vi } from "vitest";
import { noteRejection } from "./rejection";

const { written } = vi.hoisted(() => ({ written: vi.fn(async () => {}) }));
vi.mock("../audit/audit", () => ({ auditAtOnce: written }));

beforeEach(() => {
  vi.useFakeTimers();
  written.mockClear();
  return () => {
    vi.useRealTimers();
  };
});

it("an ended session that is used over and over is written down twenty times a minute, and others beside it", async () => {
  for (let at = 0; at < 100; at += 1) await noteRejection({ sid: "stolen", reason: "session_revoked" });
  expect(written).toHaveBeenCalledTimes(20);
  await noteRejection({ sid: "another", reason: "session_revoked" });
  expect(written).toHaveBeenCalledTimes(21);
  vi.advanceTimersByTime(60_000);
  await noteRejection({ sid: "stolen", reason: "session_revoked" });
  expect(written).toHaveBeenCalledTimes(22);
});
