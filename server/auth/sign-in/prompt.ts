import "server-only";
import type { ProviderMetadata } from "../../oidc/metadata";
import type { ProviderSettings } from "../../settings/providers";

/** Why a sign-in must not pass by the provider's living session. */
export interface PromptWish {
  /** What the form says. */
  asked: string | undefined;
  /** What opens the provider's registration page, where the form is the one that asks for it. */
  signUp: string | undefined;
  /** The browser's last session was ended from elsewhere. */
  fresh: boolean;
}

/**
 * The `prompt` of a sign-in in place of the provider's ordinary one; undefined where that will do (OpenID Connect Core 1.0,
 * section 3.1.2.1; Initiating User Registration via OpenID Connect 1.0).
 */
export function promptFor(
  provider: ProviderSettings,
  { prompt_values_supported: known = [] }: ProviderMetadata,
  { asked, signUp, fresh }: PromptWish,
): string | undefined {
  const usual = provider.prompt?.split(" ") ?? [];
  const forcing = provider.freshPrompt ?? "login";
  const chosen = fresh ? forcing : (signUp ?? asked);
  if (!chosen) return undefined;
  const isUnknown = chosen === "select_account" && !known.includes(chosen) && !usual.includes(chosen);
  const prompt = isUnknown ? forcing : chosen;
  // Without it there would be no refresh token this time (OpenID Connect Core 1.0, section 11).
  return usual.includes("consent") ? `${prompt} consent` : prompt;
}
