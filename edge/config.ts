import type { z } from "zod";
import type * as parts from "./config-parts";
import type * as schema from "./config-schema";
import type * as policy from "./policy-schema";
import type * as providers from "./provider-schema";
import type * as services from "./service-schema";

/** The types of `daemun.config.ts`: data only, no secret. They stand at the edge because every runtime may read them. */

type Told<Schema extends z.ZodType> = Kept<z.input<Schema>>;
type Kept<T> = T extends object ? { readonly [Key in keyof T]: Kept<T[Key]> } : T;

/** What a path asks of its visitor. Anything no gate names needs a session: the app is closed by default. */
export type Gate = Told<typeof schema.gateSchema>;

/** What people call something, by the language of the page. */
export type Labels = Told<typeof parts.labelsSchema>;

/** What people call scopes, by the scope. */
export type ScopeLabels = Told<typeof parts.scopeLabelsSchema>;

/** When a session ends. */
export type Deadlines = Told<typeof parts.deadlinesSchema>;

export type SessionPolicy = Told<typeof schema.sessionSchema>;

/** What the environment cannot say of a provider; keyed by the provider's id. */
export type ProviderTraits = Told<typeof providers.providerSchema>;

/** What a preset says of a kind of provider, and what configuration may say in its place. */
export type PresetTraits = Told<typeof providers.traitsSchema>;

/** How the token endpoint knows this client. */
export type ClientAuthentication = Told<typeof providers.clientAuthenticationSchema>;

/**
 * How a provider is told which API an access token is for: `resource` (RFC 8707), `one-resource` (the same, where it takes one
 * in each request), `audience` (Auth0), `scope` (Microsoft Entra's full names), `scopes` (as they stand there), or `plain`:
 * not at all, a provider with one token for everything.
 */
export type TokenDialect = Told<typeof providers.tokenDialectSchema>;

/** What pages may load besides what is ours, and where violations are reported. */
export type ContentSecurityPolicy = Told<typeof policy.contentSecurityPolicySchema>;

/** A protected API that a sign-in provider issues access tokens for. */
export type ApiResource = Told<typeof schema.resourceSchema>;

/** What the proxy lets through to a service. */
export type ServiceRoute = Told<typeof services.routeSchema>;

/** A service behind this app. Keyed by its id. */
export type Service = Told<typeof services.serviceSchema>;

export type DaemunConfig = Told<typeof schema.configSchema>;

/** The same with nothing left out, which code that asks by an id of the environment reads. */
export type Configuration = DaemunConfig & Required<Pick<DaemunConfig, "providers" | "resources" | "services">>;

/** The names that a configuration says; any text where it says none. */
type Named<Said extends string> = [Said] extends [never] ? string : Said;

type RolesIn<Part> = Part extends { readonly roles: readonly (infer Role extends string)[] } ? Role : never;
type RoutesIn<Part> = Part extends { readonly routes: readonly (infer Route)[] } ? Route : never;
type SignInOf<Part> = Part extends { readonly signIn: infer SignIn } ? SignIn : never;
type AdminOf<Part> = Part extends { readonly admin: infer Admin } ? Admin : never;
type ValuesOf<Part> = Part[keyof Part];

/** The roles that a configuration names: gates, routes of services, rules of providers, administrators, and `roles`. */
export type RoleOf<Config extends Configuration> = Named<
  | RolesIn<Config>
  | RolesIn<Config["gates"][number]>
  | RolesIn<RoutesIn<ValuesOf<Config["services"]>>>
  | RolesIn<SignInOf<ValuesOf<Config["providers"]>>>
  | RolesIn<AdminOf<Config>>
>;

/** The ids of the services that a configuration names. */
export type ServiceIdOf<Config extends Configuration> = Named<Extract<keyof Config["services"], string>>;

/** The indicators of the resources that it names. */
export type ResourceOf<Config extends Configuration> = Named<Config["resources"][number]["indicator"]>;

/** The ids of the providers that it names. */
export type ProviderIdOf<Config extends Configuration> = Named<Extract<keyof Config["providers"], string>>;

/** Gives `daemun.config.ts` its type, and what it leaves out. The values are checked once at start, by the server. */
export function defineConfig<const T extends DaemunConfig>(config: T): T & Omit<Configuration, keyof T> {
  const filled: Configuration = { providers: {}, resources: [], services: {}, ...config };
  // What the file says keeps its literal types, so that an editor completes the indicators of its resources.
  return filled as T & Configuration;
}
