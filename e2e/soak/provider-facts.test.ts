import { expect, it } from "vitest";
import { followGrants, type TokenRequest } from "./provider-facts";

const request = (seq: number, sent: string, change: Partial<TokenRequest> = {}): TokenRequest => ({
  seq,
  begin: seq * 100,
  end: seq * 100 + 50,
  sent,
  isRefresh: true,
  target: "shopping ",
  status: 200,
  isCanned: false,
  isCut: false,
  ...change,
});
const response = (to: number, accessToken: string, refreshToken: string | null) => ({
  request: to,
  at: to * 100 + 40,
  accessToken,
  refreshToken,
});

it("every refresh and every token is its grant's, through all rotations", () => {
  const requests = [request(1, "code", { isRefresh: false, target: " " }), request(2, "r0"), request(3, "r1")];
  const { refreshes, rotations } = followGrants(requests, [
    response(1, "a0", "r0"),
    response(2, "a1", "r1"),
    response(3, "a2", "r2"),
  ]);
  expect(refreshes.map(({ grant, token, outcome }) => [grant, token, outcome])).toEqual([
    ["code", "r0", "renewed"],
    ["code", "r1", "renewed"],
  ]);
  expect(rotations.map(({ grant, number, target, sha256 }) => [grant, number, target, sha256])).toEqual([
    ["code", 0, " ", "a0"],
    ["code", 1, "shopping ", "a1"],
    ["code", 2, "shopping ", "a2"],
  ]);
});

it("an answer that was withheld, or came after its caller had hung up, is lost; a refusal is one unless a fault said it", () => {
  const requests = [request(1, "r0", { isCut: true }), request(2, "q0"), request(3, "p0", { status: 400 })];
  const canned = request(4, "o0", { status: 400, isCanned: true });
  const { refreshes } = followGrants(
    [...requests, canned, request(5, "n0", { status: null })],
    [response(1, "a1", "r1"), { ...response(2, "b1", "q1"), at: 251 }],
  );
  expect(refreshes.map(({ outcome }) => outcome)).toEqual(["lost", "lost", "refused", "failed", "failed"]);
});
