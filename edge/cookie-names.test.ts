import { describe, expect, it } from "vitest";
import { cookieName, cookieSite, transactionKind } from "./cookie-names";

const hash = "0123456789abcd-_";

describe("FF-12: the names of cookies", () => {
  it.each([
    ["https://app.example", "__Host-daemun.session"],
    ["https://app.example:8443", "__Host-daemun.session"],
    ["http://localhost:3000", "daemun.session"],
    ["http://127.0.0.1:3001/", "daemun.session.3001"],
    ["http://localhost", "daemun.session.80"],
    ["", "daemun.session"],
  ])("FF-12: at %s the session's is %s", (authUrl, name) => {
    expect(cookieName(cookieSite(authUrl), "session")).toBe(name);
  });

  it("FF-12: a transaction of another port, another app or another form is not this app's", () => {
    const [usual, other] = [cookieSite("http://localhost:3000"), cookieSite("http://localhost:3001")];
    const names = [
      `daemun.tx.${hash}`,
      `daemun.tx.3001.${hash}`,
      `daemun.tx.3001.connect.${hash}`,
      `daemun.tx.3001.link.${hash}`,
    ];
    expect(names.map((name) => transactionKind(usual, name))).toEqual(["sign-in", null, null, null]);
    expect(names.map((name) => transactionKind(other, name))).toEqual([null, "sign-in", "connect", "link"]);
    for (const name of [`__Host-daemun.tx.${hash}`, "daemun.tx.", `daemun.tx.${hash}.0`, "daemun.tx.theirs"]) {
      expect(transactionKind(usual, name)).toBeNull();
    }
  });
});
