import "server-only";
import { headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { parseReturnPath, signInAddress } from "@/edge/return-path";
import { buttonStyle } from "@/ui/button-style";
import { listProviderLabels } from "../auth/provider-list";
import type { ProviderId } from "../settings/names";
import { SignInForm } from "./sign-in-form";

export interface SignInProps {
  /** The provider to sign in with; the only one, where there is one. */
  provider?: ProviderId;
  /** A path of this app to go to after the sign-in; the page that it stands on, if absent. */
  returnTo?: string;
  /** `sign-up` opens the provider's registration page, where it has one. */
  mode?: "sign-in" | "sign-up";
  className?: string;
  /** What the button says. */
  children?: ReactNode;
}

/**
 * A button that begins a sign-in, on any page and without script. Where no provider is named and there are several, or the one
 * that is named is not set up, it is a link to the page that lists them.
 */
export async function SignIn({ provider, returnTo, mode, className = buttonStyle("primary"), children }: SignInProps) {
  const [t, locale, request] = await Promise.all([getTranslations("signIn"), getLocale(), headers()]);
  const target = parseReturnPath(returnTo ?? request.get("x-daemun-path"));
  const known = listProviderLabels(locale);
  const chosen = known.length === 1 && provider === undefined ? known[0] : known.find(({ id }) => id === provider);
  if (!chosen) {
    return (
      <a href={signInAddress(target)} className={className}>
        {children ?? t("title")}
      </a>
    );
  }
  const isSignUp = mode === "sign-up";
  return (
    <SignInForm provider={chosen.id} returnTo={target} fields={{ mode: isSignUp ? mode : undefined }}>
      <button type="submit" className={className}>
        {children ?? t(isSignUp ? "createAccountWith" : "continueWith", { provider: chosen.name })}
      </button>
    </SignInForm>
  );
}
