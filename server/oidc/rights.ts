import "server-only";
import { noteCut } from "../http/note-cut";
import type { ProviderSettings } from "../settings/providers";
import { noteOverage } from "./overage";
import { isText } from "./signed-token";

/** What opens something here, under the names and in the form in which this app keeps it. */
export interface Rights {
  roles?: string[];
  /** Ids. */
  organizations?: string[];
  /** `<organization id>:<role>` */
  organization_roles?: string[];
}

/** A provider, as far as it says where rights are. */
type Source = Pick<ProviderSettings, "issuer" | "clientId" | "claims">;

type Claims = Readonly<Record<string, unknown>>;

const rightNames = ["roles", "organizations", "organization_roles"] as const;

/**
 * Claims with `roles`, `organizations` and `organization_roles` as the provider's `claims` find them, each a list of texts.
 * What stands under these names and is not where configuration looks is no right, and left out.
 *
 * They are kept among the claims, under Logto's names, so that whatever reads claims, an app's own pages too, finds the same at
 * every provider.
 *
 * @param claims one verified document: an ID token's, or userinfo's
 */
export function withRights<T extends Claims>(claims: T, provider: Source): Omit<T, keyof Rights> & Rights {
  const { roles, organizations, organizationRoles } = provider.claims;
  const found = {
    roles: readTexts(claims, roles, provider, "name"),
    organizations: readTexts(claims, organizations, provider, "id"),
    organization_roles: readTexts(claims, organizationRoles, provider, "name"),
  };
  const others = Object.entries(claims).filter(([name]) => !isRightName(name));
  const said = Object.entries(found).filter(([, texts]) => texts !== null);
  return Object.fromEntries([...others, ...said]) as Omit<T, keyof Rights> & Rights;
}

type OrganizationClaims = Pick<Rights, "organizations" | "organization_roles">;

const organizationNames = ["organizations", "organization_roles"] as const;

/** The organizations that userinfo says and the ID token does not. */
export function userInfoOrganizations(idToken: Rights, userInfo: Rights | null): OrganizationClaims {
  const names = organizationNames.filter((name) => idToken[name] === undefined);
  return pickOrganizations(userInfo ?? {}, names);
}

/** What claims say of organizations under these names, and nothing else. */
export function pickOrganizations(claims: Rights, names: readonly string[]): OrganizationClaims {
  const said = organizationNames.filter((name) => names.includes(name) && claims[name] !== undefined);
  return Object.fromEntries(said.map((name) => [name, claims[name]]));
}

/** The names of top-level claims that rights are read from, and under which they are kept: what goes when rights are taken away. */
export function rightClaims({ claims, clientId }: Pick<Source, "clientId" | "claims">): string[] {
  const paths = Object.values(claims).flat();
  const names = paths.flatMap((path) => [named(path, clientId), segmentsOf(path, clientId)[0] ?? ""]);
  return [...new Set([...rightNames, ...names])];
}

/**
 * All texts that stand at any of `paths`, each once; null where nothing stands at any. What is of no form that is understood
 * counts as absent, and is told in the log.
 *
 * A path is the name of a claim, or a path into objects with dots. There may be a text, a list of texts, a list of objects
 * with a `name` or `id`, or an object whose keys are the texts.
 *
 * @param member which of an object's members is taken first
 */
export function readTexts(
  claims: Claims,
  paths: readonly string[],
  { issuer, clientId }: Pick<Source, "issuer" | "clientId">,
  member: "name" | "id" = "name",
): string[] | null {
  const found = paths.flatMap((path) => {
    const name = named(path, clientId);
    noteOverage(claims, name, issuer);
    const value = Object.hasOwn(claims, name) ? claims[name] : valueAt(claims, segmentsOf(path, clientId));
    const texts = textsOf(value, member);
    if (texts === null) return [];
    const kept = texts.filter((text): text is string => isText(text) && text !== "");
    // A text that a database cannot keep as it came is not changed into another role's name, but left out.
    if (kept.length < texts.length) noteCut(issuer, path, { kept: kept.length, of: texts.length });
    return [{ kept, isUnderstood: kept.length > 0 || texts.length === 0 }];
  });
  const understood = found.filter(({ isUnderstood }) => isUnderstood);
  return understood.length > 0 ? [...new Set(understood.flatMap(({ kept }) => kept))] : null;
}

function isRightName(name: string): boolean {
  return (rightNames as readonly string[]).includes(name);
}

function named(path: string, clientId: string): string {
  return path.replaceAll("{clientId}", clientId);
}

/** A client id may have dots itself. */
function segmentsOf(path: string, clientId: string): string[] {
  return path.split(".").map((segment) => named(segment, clientId));
}

function valueAt(value: unknown, [segment, ...others]: readonly string[]): unknown {
  if (segment === undefined) return value;
  if (!isObject(value) || !Object.hasOwn(value, segment)) return undefined;
  return valueAt(value[segment], others);
}

/** What stands there as a list, nothing judged yet; null for nothing. One text is one text, whatever separators it has. */
function textsOf(value: unknown, member: "name" | "id"): unknown[] | null {
  if (value === undefined || value === null || value === "") return null;
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? nameOf(item, member) : item));
  if (!isObject(value)) return [value];
  // ZITADEL's roles and Keycloak's organizations: what belongs to each stands below its name. An empty one names none.
  const names = Object.keys(value);
  return names.length > 0 ? names : null;
}

function nameOf(item: Claims, member: "name" | "id"): unknown {
  const members = member === "id" ? [item.id, item.name] : [item.name, item.id];
  return members.find((text) => text !== undefined && text !== null);
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
