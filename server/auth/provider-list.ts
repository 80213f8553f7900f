import "server-only";
import { authorizationRequest } from "../oidc/dialects";
import { endSessionEndpoint } from "../oidc/end-session";
import { signInHost, signOutHost } from "../oidc/leads-to";
import { getMetadata, type ProviderMetadata } from "../oidc/metadata";
import { rememberedDeadlines } from "../sessions/registry/policy";
import { env, findProvider } from "../settings/env";
import { accountPageOf, nameIn, scopeNames } from "../settings/labels";
import type { ProviderSettings } from "../settings/providers";
import { signUpParameters } from "./sign-in/sign-up";

/** A provider as the pages show it. */
export interface ProviderSummary {
  id: string;
  name: string;
  type: string;
  /** The host that signing in leads to. */
  host: string;
  /** Whether it has a registration page that a sign-in can open. */
  canSignUp: boolean;
  /** For how many whole days "Keep me signed in" does that, at most; null where it is not offered. */
  rememberDays: number | null;
  /** Whether it lets people choose an account, or enter a password, at every sign-in. */
  choosesAccount: boolean;
  /** The scopes that a sign-in asks for. */
  scopes: string[];
  /** What configuration calls these scopes, in the language of the page. */
  scopeNames: Readonly<Record<string, string>>;
  /** Whether it can end its own session; null while that is not known. */
  endsProviderSession: boolean | null;
  /** The host that ending it leads to; null where that is not known, or there is none. */
  signOutHost: string | null;
}

// A page that offers three ways in must not wait for the slowest of them.
const providerListTimeoutMs = 1500;

/** The configured providers in order. Never throws: of one that cannot be asked, what is known is given. */
export function listProviders(locale: string): Promise<ProviderSummary[]> {
  return Promise.all(
    env().providers.map(async (provider) => {
      const metadata = await metadataSoon(provider);
      return {
        id: provider.id,
        name: callIn(provider, locale),
        type: provider.type,
        host: metadata ? signInHost(provider, metadata) : signInHost(provider),
        canSignUp: signUpParameters(provider, metadata) !== null,
        rememberDays: rememberDays(provider.id),
        scopes: authorizationRequest(provider).scope.split(" "),
        scopeNames: scopeNames(
          [...provider.resources.map(({ scopeLabels }) => scopeLabels), provider.scopeLabels],
          locale,
        ),
        choosesAccount: /\b(?:login|select_account)\b/.test(provider.prompt ?? ""),
        endsProviderSession:
          metadata || provider.logout.endpoint ? endSessionEndpoint(provider, metadata) !== null : null,
        signOutHost: signOutHost(provider, metadata),
      };
    }),
  );
}

const awayMs = 5000;
const awayUntil = new Map<string, number>();

/** The metadata if it is there soon. A provider that just was not is not waited for again at every page. */
async function metadataSoon(provider: ProviderSettings): Promise<ProviderMetadata | null> {
  if ((awayUntil.get(provider.id) ?? 0) > Date.now()) return null;
  const metadata = await Promise.race([getMetadata(provider).catch(() => null), pause(providerListTimeoutMs)]);
  if (metadata) awayUntil.delete(provider.id);
  else awayUntil.set(provider.id, Date.now() + awayMs);
  return metadata;
}

/** A provider as a list of names and marks has it. */
export type ProviderLabel = Pick<ProviderSummary, "id" | "name" | "type">;

/** The configured providers in order. Asks nobody. */
export function listProviderLabels(locale: string): ProviderLabel[] {
  return env().providers.map((provider) => ({
    id: provider.id,
    name: callIn(provider, locale),
    type: provider.type,
  }));
}

/** The name and mark of the provider `id`; one that is no longer configured has its id for a name. */
export function providerLabel(id: string, locale: string): ProviderLabel {
  return listProviderLabels(locale).find((label) => label.id === id) ?? { id, name: id, type: "" };
}

/** What people call the provider `id`. Asks nobody; one that is no longer configured is called by its id. */
export function providerName(id: string, locale: string): string {
  const provider = findProvider(id);
  return provider ? callIn(provider, locale) : id;
}

/** A provider as a signed-in user's pages show it. Asks nobody; of one that is no longer configured, its id is known. */
export function describeProvider(
  id: string,
  locale: string,
): { id: string; name: string; type: string; accountPage: string | null } {
  const provider = findProvider(id);
  if (!provider) return { id, name: id, type: "", accountPage: null };
  return { id, name: callIn(provider, locale), type: provider.type, accountPage: accountPageOf(provider) };
}

function callIn({ name, koreanName, labels }: ProviderSettings, locale: string): string {
  const standing = locale === "ko" ? (koreanName ?? name) : name;
  return nameIn({ name: standing, ...(labels && { labels }) }, locale);
}

function rememberDays(id: string): number | null {
  const deadlines = rememberedDeadlines(id);
  return deadlines && Math.floor(deadlines.absoluteSeconds / 86_400);
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
