import { describe, expect, expectTypeOf, it } from "vitest";
import { claimsByScope } from "../../dev/provider/claims";
import { isMemberOf, parseUserClaims, rolesIn, timeOfClaim, type UserClaims } from "./user-claims";

/** Every claim of every scope, as Logto gives it. */
const haneul = {
  sub: "haneul",
  iss: "https://company.example",
  aud: ["daemun"],
  exp: 1_760_000_300,
  iat: 1_760_000_000,
  auth_time: 1_760_000_000,
  acr: "urn:example:password",
  amr: ["pwd"],
  name: "김하늘",
  username: "haneul",
  picture: "https://people.example/haneul.png",
  created_at: 1_650_000_000_000,
  updated_at: 1_760_000_000_000,
  family_name: "김",
  given_name: "하늘",
  middle_name: "별",
  nickname: "하늘이",
  preferred_username: "sky",
  profile: "https://people.example/haneul",
  website: "https://haneul.example",
  gender: "female",
  birthdate: "1991-04-05",
  zoneinfo: "Asia/Seoul",
  locale: "ko-KR",
  email: "haneul@company.example",
  email_verified: true,
  phone_number: "+821012345678",
  phone_number_verified: false,
  address: { country: "KR", postal_code: "03045" },
  custom_data: { theme: "dark", limits: { seats: 12 } },
  identities: { google: { userId: "1184", details: { email: "haneul@gmail.example" } }, naver: { userId: "7" } },
  sso_identities: [{ issuer: "https://sso.example", identityId: "hk-7" }],
  roles: ["admin"],
  organizations: ["org_hanok", "org_maru"],
  organization_data: [
    { id: "org_hanok", name: "Hanok Works", description: null },
    { id: "org_maru", name: "Maru Studio", description: "Designs the floors." },
  ],
  organization_roles: ["org_hanok:admin", "org_maru:member", "org_maru:billing:eu"],
};
/** What claims of each kind must not be. */
const otherTypes: Record<string, unknown[]> = {
  string: [7, true, [7], {}],
  number: ["7", true, [7], {}, Number.POSITIVE_INFINITY],
  boolean: ["true", 1, [], {}],
  list: [7, true, [7], {}],
  object: ["x", 7, true, ["x"]],
};
const scoped = Object.values(claimsByScope).flat();

describe("claims about a person", () => {
  it("are there, each of every scope, as they came", () => {
    expect(scoped.filter((name) => !(name in haneul))).toEqual([]);
    expect(parseUserClaims(haneul)).toEqual(haneul);
  });

  it("are typed, and those that no table knows are unknown", () => {
    const claims = parseUserClaims({ ...haneul, "https://x.example/tier": "gold" });
    expectTypeOf(claims.sub).toEqualTypeOf<string>();
    expectTypeOf(claims.name).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(claims.family_name).toEqualTypeOf<string | undefined>();
    expectTypeOf(claims.created_at).toEqualTypeOf<number | null | undefined>();
    expectTypeOf(claims.roles).toEqualTypeOf<string[] | undefined>();
    expectTypeOf(claims.custom_data?.theme).toEqualTypeOf<unknown>();
    expectTypeOf(claims.address?.country).toEqualTypeOf<string | undefined>();
    expectTypeOf(claims.identities?.google?.userId).toEqualTypeOf<string | undefined>();
    expectTypeOf(claims["https://x.example/tier"]).toEqualTypeOf<unknown>();
    expect([claims.custom_data?.theme, claims["https://x.example/tier"]]).toEqual(["dark", "gold"]);
  });

  it("tell what was asked for and is empty from what was not asked for", () => {
    const empty = ["name", "username", "picture", "created_at", "updated_at", "email", "phone_number"];
    const claims = parseUserClaims({ sub: "blank", ...Object.fromEntries(empty.map((name) => [name, null])) });
    for (const name of empty) expect(claims).toHaveProperty(name, null);
    expect(Object.keys(parseUserClaims({ sub: "blank" }))).toEqual(["sub"]);
  });

  it.each(Object.entries(haneul).filter(([name]) => name !== "sub"))(
    "leave out %s of another type, alone",
    (name, right) => {
      const kind = Array.isArray(right) ? "list" : typeof right;
      for (const wrong of otherTypes[kind] ?? []) {
        const { [name as "name"]: _, ...others } = haneul;
        expect([wrong, parseUserClaims({ ...haneul, [name]: wrong })]).toEqual([wrong, others]);
      }
    },
  );

  it("whose member is of another type are left out whole", () => {
    const claims = parseUserClaims({
      sub: "x",
      roles: ["admin", null],
      address: { country: 82 },
      identities: { google: { details: {} } },
      organization_data: [{ id: "org_hanok", name: "Hanok Works" }, { id: 7 }],
    });
    expect(claims).toEqual({ sub: "x" });
  });

  it.each([{}, { sub: null }, { sub: 7 }, { sub: ["haneul"] }])("without a subject are nobody's: %j", (raw) => {
    expect(parseUserClaims({ ...raw, name: "x" })).toEqual({ sub: "", name: "x" });
  });
});

describe("hostile claims", () => {
  it("reach no prototype, at any depth", () => {
    const raw = JSON.parse(`{"sub":"x","__proto__":{"roles":["admin"]},"constructor":{"a":1},"prototype":1,
      "custom_data":{"__proto__":{"theme":"evil"},"constructor":1,"list":[{"prototype":1,"kept":true}]},
      "identities":{"__proto__":{"userId":"7"}},"address":{"__proto__":{"country":"KR"}}}`);
    const claims = parseUserClaims(raw);
    expect(JSON.stringify(claims)).toBe(
      '{"sub":"x","custom_data":{"list":[{"kept":true}]},"identities":{},"address":{}}',
    );
    expect([claims.roles, claims.custom_data?.theme, claims.address?.country]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(({} as UserClaims).roles).toBeUndefined();
  });

  it("end: those nested without end are cut, those past all size are left out", () => {
    let deep: unknown = "bottom";
    for (let depth = 0; depth < 50_000; depth += 1) deep = { deep };
    const claims = parseUserClaims({
      sub: "x",
      deep,
      huge: "x".repeat(600_000),
      many: Array(400_000).fill(0),
      name: "X",
    });
    expect(JSON.stringify(claims).length).toBeLessThan(1000);
    expect(claims).toMatchObject({ sub: "x", name: "X" });
    expect(claims).not.toHaveProperty("huge");
    expect(claims).not.toHaveProperty("many");
  });

  it("become no other role by a byte that nobody sees", () => {
    const claims = parseUserClaims({ sub: "x", roles: ["ad\0min"], organizations: ["org_\ud800"] });
    expect(claims).toEqual({ sub: "x", roles: ["ad\ufffdmin"], organizations: ["org_\ufffd"] });
  });
});

describe("organizations", () => {
  const claims = parseUserClaims(haneul);

  it("have the members that the claim names", () => {
    expect(isMemberOf(claims, "org_hanok")).toBe(true);
    for (const other of ["org_dari", "org_", "", "ORG_HANOK"]) expect(isMemberOf(claims, other)).toBe(false);
    expect(isMemberOf({ sub: "x", organization_roles: ["org_hanok:admin"] }, "org_hanok")).toBe(false);
  });

  it("have roles whose names may have colons", () => {
    expect(rolesIn(claims, "org_hanok")).toEqual(["admin"]);
    expect(rolesIn(claims, "org_maru")).toEqual(["member", "billing:eu"]);
  });

  it.each(["org_maru:billing", "org_dari", "org", "", ":", "__proto__"])("give no role for %j", (organization) => {
    expect(rolesIn(claims, organization)).toEqual([]);
  });

  it("give no role for entries that are none, and each once", () => {
    const odd = { sub: "x", organization_roles: ["org_a", "org_a:", ":admin", "org_a:x", "org_a:x"] };
    expect([rolesIn(odd, "org_a"), rolesIn(odd, ""), rolesIn({ sub: "x" }, "org_a")]).toEqual([["x"], [], []]);
  });
});

it("a time is understood in seconds and in milliseconds", () => {
  expect(timeOfClaim(1_650_000_000).toISOString()).toBe("2022-04-15T05:20:00.000Z");
  expect(timeOfClaim(1_650_000_000_000).toISOString()).toBe("2022-04-15T05:20:00.000Z");
  expect(timeOfClaim(0).getTime()).toBe(0);
  expect(timeOfClaim(-86_400).toISOString()).toBe("1969-12-31T00:00:00.000Z");
  expect(timeOfClaim(1e300).getTime()).toBeNaN();
});
