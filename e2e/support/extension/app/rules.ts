import type { Requirement, Role } from "@/auth";

/** What the pages and routes of the extension ask for, by the last segment of their path. */
export const rules: Readonly<Record<string, Requirement>> = {
  anybody: {},
  // Not every configuration that this is compiled with names the first.
  role: { roles: ["auditor", "admin"] as string[] as Role[] },
  "no-role-will-do": { roles: [] },
  organization: { organization: "org_hanok" },
  "organization-role": { organization: { id: "org_hanok", roles: ["owner", "admin"] } },
  "another-organizations-role": { organization: { id: "org_maru", roles: ["admin"] } },
  "no-organization-role-will-do": { organization: { id: "org_hanok", roles: [] } },
  "partners-organization": { organization: "org_dari" },
  scope: { scopes: ["email", "roles"] },
  "scope-not-granted": { scopes: ["email", "payments"] },
  everything: { roles: ["admin"], organization: "org_hanok", scopes: ["email"], maxAgeSeconds: 3600 },
  recent: { maxAgeSeconds: 60 },
};
