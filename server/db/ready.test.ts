import { expect, it, vi } from "vitest";
import { isDatabaseReached } from "./ready";
import { OverloadedError } from "./semaphore";

const readShared = vi.hoisted(() => vi.fn());
vi.mock("./client", () => ({ readShared }));

it("an instance whose queue for the database is full is ready, and one whose database is away is not", async () => {
  readShared.mockRejectedValueOnce(new OverloadedError());
  expect(await isDatabaseReached()).toBe(true);
  readShared.mockRejectedValueOnce(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
  expect(await isDatabaseReached()).toBe(false);
  readShared.mockResolvedValueOnce([]);
  expect(await isDatabaseReached()).toBe(true);
});
