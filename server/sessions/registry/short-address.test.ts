import { describe, expect, it } from "vitest";
import { placeOf } from "./short-address";

describe("where a session began", () => {
  it.each([
    ["203.0.113.77", "203.0.113.x"],
    ["10.0.0.5", "10.0.0.x"],
    ["::ffff:203.0.113.77", "203.0.113.x"],
    ["::ffff:cb00:714d", "203.0.113.x"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:…"],
    ["2001:0DB8:0001:0002:0003:0004:0005:0006", "2001:db8:1:…"],
    ["2001:db8::6", "2001:db8:0:…"],
    ["2001::6", "2001:0:0:…"],
    ["::2:3", "0:0:0:…"],
    ["2001:db8:1::", "2001:db8:1:…"],
    ["64:ff9b::203.0.113.77", "64:ff9b:0:…"],
    ["fe80::1%eth0", "fe80:0:0:…"],
  ])("%s is shown as %s", (ip, address) => {
    expect(placeOf(ip)).toEqual({ kind: "network", address });
  });

  it.each(["127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"])(
    "%s is this computer",
    (ip) => {
      expect(placeOf(ip)).toEqual({ kind: "loopback" });
    },
  );

  it.each([null, "", "localhost", "203.0.113", "203.0.113.256", "1::2::3", "<b>", ":::"])("%j is unknown", (ip) => {
    expect(placeOf(ip)).toEqual({ kind: "unknown" });
  });
});
