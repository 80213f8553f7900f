import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase } from "../../../dev/postgres/test-database";
import { db } from "../../db/client";
import type { IdTokenClaims } from "../../oidc/id-token";
import { provideEnv } from "../../settings/env";
import { type ProviderSettings, standardProvider } from "../../settings/providers";
import type { TokenOwner } from "../../tokens/owner";
import { renewUser } from "./renew-claims";

const issuer = "https://company.example";
const provider = { ...standardProvider, id: "company", issuer, clientId: "app" } as unknown as ProviderSettings;

beforeAll(async () => {
  const databaseUrl = await createTestDatabase(inject("servers").postgresUrl);
  provideEnv({ databaseUrl, vaultKeys: [{ id: "k1", key: randomBytes(32) }], providers: [], session: {} });
});

async function signedIn(claims: object, roles: string[]): Promise<TokenOwner & { id: string }> {
  const { id: userId } = await db.user.create({ data: {} });
  const later = new Date(Date.now() + 3_600_000);
  const { id: sessionId } = await db.session.create({
    data: {
      userId,
      sessionToken: randomUUID(),
      expires: later,
      idleExpiresAt: later,
      idleSeconds: 1800,
      provider: "company",
      issuer: provider.issuer,
      subject: "minsu",
      claims,
      claimsSource: "userinfo",
      roles,
      authTime: new Date(),
    },
  });
  return {
    id: sessionId,
    grantOwner: { sessionId },
    sessionHash: "h",
    userId,
    provider,
    issuer: provider.issuer,
    subject: "minsu",
  };
}

const base = { iss: provider.issuer, sub: "minsu", iat: 1, exp: 2 };
const full = { ...base, name: "Minsu", email: "m@example.com", roles: ["admin"], organizations: ["org-1"] };

async function refreshed(owner: TokenOwner & { id: string }, ...said: IdTokenClaims[]) {
  for (const idToken of said) {
    const user = await renewUser(owner, idToken);
    await db.session.update({
      where: { id: owner.id },
      data: { claims: user?.claims as object, roles: user?.roles ?? [] },
    });
  }
  return db.session.findUniqueOrThrow({ where: { id: owner.id } });
}

describe("after a refresh", () => {
  // node-oidc-provider as it comes: the ID token beside a userinfo token has `sub` alone, the one beside a resource's token
  // has everything.
  it("roles from userinfo outlive an ID token that says them and one that says nothing of the person", async () => {
    const owner = await signedIn(base, ["admin"]);
    const row = await refreshed(owner, full, base);
    expect(row.roles).toEqual(["admin"]);
    expect(row.claims).toMatchObject({ name: "Minsu", organizations: ["org-1"] });
  });

  it("a provider that leaves the last role and the last organization out has taken them away", async () => {
    const owner = await signedIn(full, ["admin"]);
    const row = await refreshed(owner, { ...base, name: "Minsu", email: null });
    expect(row.roles).toEqual([]);
    expect(row.claims).toEqual({ ...base, name: "Minsu", email: null });
  });

  it("roles that only userinfo knew are not the ID token's to take away", async () => {
    const owner = await signedIn({ ...base, name: "Minsu" }, ["admin"]);
    expect((await refreshed(owner, { ...base, name: "Minsu Lee" })).roles).toEqual(["admin"]);
  });

  it("when and how the person signed in stays what the sign-in said", async () => {
    const signIn = { auth_time: 100, acr: "gold", amr: ["pwd"] };
    const owner = await signedIn({ ...full, ...signIn }, ["admin"]);
    const row = await refreshed(owner, { ...full, auth_time: 999, acr: "platinum", amr: ["otp"] });
    expect(row.claims).toMatchObject(signIn);
  });

  it("FF-34: what the configured claims leave out is taken away, be it a path's first name or a claim of its own", async () => {
    const claims = {
      roles: ["realm_access.roles", "https://app.example/roles"],
      organizations: ["organization"],
      organizationRoles: [],
    };
    const told = { realm_access: { roles: ["admin"] }, "https://app.example/roles": ["x"], organization: { acme: {} } };
    const owner = await signedIn({ ...full, ...told }, ["admin"]);
    const row = await refreshed({ ...owner, provider: { ...provider, claims } }, { ...base, name: "Minsu" });
    expect([row.claims, row.roles]).toEqual([{ ...base, name: "Minsu", email: "m@example.com" }, []]);
  });

  it("a role that no database keeps does not become another's name", async () => {
    const owner = await signedIn(full, ["admin"]);
    expect((await refreshed(owner, { ...full, roles: ["support", "ad\0min"] })).roles).toEqual([
      "support",
      "ad\ufffdmin",
    ]);
  });
});
