import { describe, expect, it } from "vitest";
import { createSealer } from "./sealing";
import { createSessionCookieCodec, idleDeadlineFrom, reissueSeconds, type SessionClaims } from "./session-cookie";

const now = new Date("2026-11-21T12:00:00Z");
const seconds = now.getTime() / 1000;
const secret = "4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e";
const other = "Zq7n3Gd1xKc5Vb9mPw2sHt6yRf4jLu8a";

const claims: SessionClaims = {
  sub: "5e0e3c6e-0a0b-4c57-9a52-0a6c1de7f001",
  sid: "v0mA5y7hQyJq3yqk3m0G8i4E0mFQ0yqV0d0G5yJq3yk",
  provider: "company",
  roles: ["admin"],
  authTime: seconds - 10,
  issuedAt: seconds,
  idleSeconds: 1800,
  idleDeadline: seconds + 1860,
  absoluteDeadline: seconds + 43_200,
};

describe("the session cookie", () => {
  const codec = createSessionCookieCodec([secret], true);

  it("gives back what was sealed, in fewer than 1,500 bytes and in no readable form", async () => {
    const value = await codec.seal(claims);
    expect(await codec.read(value, now)).toEqual({ kind: "valid", claims });
    expect(value.length).toBeLessThan(700);
    expect(Buffer.from(value.split(".")[3] ?? "", "base64url").toString("latin1")).not.toContain("company");
  });

  it("SC-02: whatever is changed in any of its five parts makes it invalid, and nothing throws", async () => {
    const value = await codec.seal(claims);
    const parts = value.split(".");
    for (let part = 0; part < 5; part += 1) {
      const bytes = Buffer.from(parts[part] ?? "", "base64url");
      if (bytes.length === 0) bytes[0] = 1;
      else bytes[0] = (bytes[0] ?? 0) ^ 1;
      const changed = parts.map((text, at) => (at === part ? bytes.toString("base64url") || "AA" : text)).join(".");
      expect(await codec.read(changed, now)).toEqual({ kind: "invalid" });
    }
  });

  it.each(["x", "a.b.c", "....", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "%", "\u00ff\u00fe", "x".repeat(5000)])(
    "SC-02: %j is invalid",
    async (value) => {
      expect(await codec.read(value, now)).toEqual({ kind: "invalid" });
    },
  );

  it("SC-02: a cookie of another secret, and one sealed for another purpose, are invalid", async () => {
    const foreign = await createSessionCookieCodec([other], true).seal(claims);
    expect(await codec.read(foreign, now)).toEqual({ kind: "invalid" });
    const transaction = await createSealer([secret], "transaction").seal({ sub: "a", sid: "b" }, seconds + 60);
    expect(await codec.read(transaction, now)).toEqual({ kind: "invalid" });
  });

  it("SC-10: a cookie of the older secret is good while both are configured, and invalid after", async () => {
    const old = await createSessionCookieCodec([other], true).seal(claims);
    expect((await createSessionCookieCodec([secret, other], true).read(old, now)).kind).toBe("valid");
    expect((await createSessionCookieCodec([secret], true).read(old, now)).kind).toBe("invalid");
  });

  it("SC-10: in each of the two steps, instances of before and after open what the others seal, as one JWE", async () => {
    for (const [before, after] of [
      [[other], [other, secret]],
      [
        [other, secret],
        [secret, other],
      ],
    ]) {
      const codecs = [before, after].map((secrets = []) => createSessionCookieCodec(secrets, true));
      for (const sealing of codecs) {
        const value = await sealing.seal(claims);
        expect(value).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
        expect(value.length).toBeLessThan(700);
        for (const opening of codecs) expect(await opening.read(value, now)).toEqual({ kind: "valid", claims });
      }
    }
  });

  it("says which deadline has passed, also for a cookie that it remembers", async () => {
    const value = await codec.seal(claims);
    await codec.read(value, now);
    expect(await codec.read(value, new Date((seconds + 1861) * 1000))).toMatchObject({
      kind: "stale",
      deadline: "idle",
    });
    expect(await codec.read(value, new Date((seconds + 43_200) * 1000))).toMatchObject({
      kind: "stale",
      deadline: "absolute",
    });
  });

  it("does without a cookie", async () => {
    expect(await codec.read(undefined, now)).toEqual({ kind: "absent" });
  });

  it("is named and marked for https and for loopback", () => {
    expect(codec.name).toBe("__Host-daemun.session");
    expect(codec.attributes(60)).toEqual({ httpOnly: true, sameSite: "lax", secure: true, path: "/", maxAge: 60 });
    expect(createSessionCookieCodec([secret], false).name).toBe("daemun.session");
  });

  it("never has an idle deadline past the absolute one", () => {
    expect(idleDeadlineFrom(1000, 1800, 2000)).toBe(2000);
    expect(reissueSeconds(1800)).toBe(60);
    expect(reissueSeconds(5)).toBe(1);
  });
});
