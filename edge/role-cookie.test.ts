import { describe, expect, it } from "vitest";
import daemun from "@/e2e/support/daemun.config";
import { configSchema } from "@/edge/config-schema";
import { createGate } from "./gate";
import { mostGateRoles } from "./role-digests";
import { createSealer } from "./sealing";
import { createSessionCookieCodec, type SessionClaims } from "./session-cookie";

const now = new Date("2026-11-21T12:00:00Z");
const seconds = now.getTime() / 1000;
const secrets = ["4fXh0b6mQmFJzDq1cWv8Yk2uRt5pLs9e"];
const roles = (count: number) => Array.from({ length: count }, (_, at) => `${at}-`.padEnd(36, "role"));

const claims: SessionClaims = {
  sub: "5e0e3c6e-0a0b-4c57-9a52-0a6c1de7f001",
  sid: "v0mA5y7hQyJq3yqk3m0G8i4E0mFQ0yqV0d0G5yJq3yk",
  provider: "p".repeat(32),
  roles: ["admin"],
  authTime: seconds - 10,
  issuedAt: seconds,
  idleSeconds: 30 * 86_400,
  idleDeadline: seconds + 30 * 86_400,
  absoluteDeadline: seconds + 30 * 86_400,
  remembered: true,
};

const older = createSessionCookieCodec(secrets, true);
const newer = createSessionCookieCodec(secrets, true, { roles: "digests" });
const gated = (...named: string[]) => [{ path: "/gated/*", access: "session" as const, roles: named }];

async function decide(gates: ReturnType<typeof gated>, cookie: string) {
  const headers = new Headers({ "Sec-Fetch-Mode": "navigate" });
  return (await createGate({ gates }, older)({ path: "/gated/x", headers, cookie }, now)).kind;
}

describe("FF-11: the roles in a session cookie", () => {
  it.each([0, 1, 14, 15, 21, 22, 50, mostGateRoles])(
    "FF-11: %i of 36 characters are sealed and read again, in either form, in a header of less than 1,500 bytes",
    async (count) => {
      const many = roles(count);
      for (const codec of [older, newer]) {
        const value = await codec.seal({ ...claims, roles: many });
        expect(
          `${codec.name}=${value}; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Max-Age=2678400`.length,
        ).toBeLessThan(1460);
        for (const reader of [older, newer]) expect((await reader.read(value, now)).kind).toBe("valid");
        for (const role of many) expect(await decide(gated(role), value)).toBe("pass");
        expect(await decide(gated("another"), value)).toBe("refuse");
      }
    },
  );

  it("FF-11: stand by name while they fit, so that an instance of before understands them, and keep their form", async () => {
    const opened = async (value: string) => (await createSealer(secrets, "session").open(value, now))?.rol;
    expect(await opened(await older.seal({ ...claims, roles: roles(3) }))).toEqual(roles(3));
    const [digests, ...more] = (await opened(await newer.seal({ ...claims, roles: roles(3) }))) as string[];
    expect([digests, more]).toEqual([expect.stringMatching(/^~[\w-]{24}$/), []]);
  });

  it("FF-11: mean the same role whatever gates there are, and after any number of renewals", async () => {
    let value = await newer.seal({ ...claims, roles: ["editor"] });
    for (let round = 0; round < 3; round += 1) {
      for (const gates of [gated("editor"), gated("zebra", "editor"), gated("a", "b", "editor")]) {
        expect(await decide(gates, value)).toBe("pass");
      }
      expect(await decide(gated("a", "b", "zebra"), value)).toBe("refuse");
      const reading = await older.read(value, now);
      if (reading.kind !== "valid") throw new Error(reading.kind);
      value = await older.seal(reading.claims);
    }
  });

  it("FF-11: of a cookie of before are read at any size that a browser kept", async () => {
    const { sub, sid, provider: prv, authTime: aut, issuedAt: iss_at, idleSeconds: ids, idleDeadline: idl } = claims;
    const rol = roles(40);
    const payload = { sub, sid, prv, rol, aut, iss_at, ids, idl };
    const value = await createSealer(secrets, "session").seal(payload, claims.absoluteDeadline);
    expect(value.length).toBeGreaterThan(2000);
    expect(await older.read(value, now)).toMatchObject({ kind: "valid", claims: { roles: rol } });
    const { remembered: _, ...before } = claims;
    expect(await older.read(await older.seal({ ...before, roles: rol }), now)).toMatchObject({ kind: "valid" });
  });

  it("FF-11: are refused in configuration, in words, where there are more than any cookie holds", () => {
    const faults = (names: string[]) => {
      const parsed = configSchema.safeParse({ ...daemun, gates: gated(...names) });
      return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
    };
    expect(faults(roles(mostGateRoles))).toEqual([]);
    expect(faults(roles(mostGateRoles + 1))).toEqual([expect.stringMatching(/name more than 80 roles/)]);
    expect(faults(["~AAAAAAAA"])).toEqual([expect.stringMatching(/must not begin with ~/)]);
  });
});

describe("FF-25: how long a browser keeps the session cookie", () => {
  it("FF-25: says the cookie itself, so that renewing it changes nothing", async () => {
    for (const remembered of [true, false, undefined]) {
      const { remembered: _, ...rest } = claims;
      const asked = remembered === undefined ? rest : { ...rest, remembered };
      expect(await newer.read(await newer.seal(asked), now)).toEqual({
        kind: "valid",
        claims: { ...asked, roles: [expect.stringMatching(/^~/)] },
      });
    }
  });
});
