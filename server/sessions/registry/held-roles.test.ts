import { beforeAll, describe, expect, it } from "vitest";
import { provideEnv } from "../../settings/env";
import type { ProviderSettings } from "../../settings/providers";
import { heldRoles } from "./held-roles";
import { adminRoles } from "./policy";

const session = { provider: "company", subject: "minsu", roles: [] as string[], user: { adminSince: null } };
const named = { ...session, user: { adminSince: new Date() } };
const listed = { ...session, subject: "listed" };

beforeAll(() =>
  provideEnv({
    providers: [{ id: "company" } as ProviderSettings],
    adminSubjects: [{ provider: "company", subject: "listed" }],
  }),
);

describe("the roles of a session", () => {
  it("are the provider's, and for a named administrator those that administer", () => {
    expect(heldRoles({ ...session, roles: ["support"] })).toEqual(["support"]);
    expect(heldRoles(named)).toEqual(adminRoles());
    expect(heldRoles(listed)).toEqual(adminRoles());
  });

  it.each(["due", "asked", "refused"])("are the provider's alone where the confirmation is %s", (confirmation) => {
    for (const each of [session, named, listed]) expect(heldRoles({ ...each, confirmation })).toEqual([]);
  });
});
