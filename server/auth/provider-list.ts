import "server-only";
import { env } from "../env";
import { getMetadata, type ProviderMetadata } from "../oidc/metadata";
import type { ProviderSettings } from "../provider-settings";
import { rememberedDeadlines } from "../sessions/policy";

/** A provider as the pages show it. */
export interface ProviderSummary {
  id: string;
  name: string;
  type: string;
  /** Whether it has a registration page that a sign-in can open. */
  canSignUp: boolean;
  /** For how many whole days "Keep me signed in" does that, at most; null where it is not offered. */
  rememberDays: number | null;
  /** Whether it can end its own session; null while that is not known. */
  endsProviderSession: boolean | null;
}

// A page that offers three ways in must not wait for the slowest of them.
const patienceMs = 1500;

/** The configured providers in order. Never throws: of one that cannot be asked, what is known is given. */
export function listProviders(): Promise<ProviderSummary[]> {
  return Promise.all(
    env().providers.map(async (provider) => {
      const metadata = await metadataSoon(provider);
      return {
        id: provider.id,
        name: provider.name,
        type: provider.type,
        canSignUp: supportsSignUp(metadata),
        rememberDays: rememberDays(provider.id),
        endsProviderSession: metadata ? metadata.end_session_endpoint !== undefined : null,
      };
    }),
  );
}

const awayMs = 5000;
const awayUntil = new Map<string, number>();

/** The metadata if it is there soon. A provider that just was not is not waited for again at every page. */
async function metadataSoon(provider: ProviderSettings): Promise<ProviderMetadata | null> {
  if ((awayUntil.get(provider.id) ?? 0) > Date.now()) return null;
  const metadata = await Promise.race([getMetadata(provider).catch(() => null), pause(patienceMs)]);
  if (metadata) awayUntil.delete(provider.id);
  else awayUntil.set(provider.id, Date.now() + awayMs);
  return metadata;
}

/** What people call the provider `id`. Asks nobody; one that is no longer configured is called by its id. */
export function providerName(id: string): string {
  return env().providers.find((provider) => provider.id === id)?.name ?? id;
}

function rememberDays(id: string): number | null {
  const deadlines = rememberedDeadlines(id);
  return deadlines && Math.floor(deadlines.absoluteSeconds / 86_400);
}

// Initiating User Registration via OpenID Connect 1.0, section 4.1.
function supportsSignUp(metadata: ProviderMetadata | null): boolean {
  return metadata?.prompt_values_supported?.includes("create") ?? false;
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
