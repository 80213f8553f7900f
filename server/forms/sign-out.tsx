import "server-only";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { buttonStyle } from "@/ui/button-style";
import { SignOutForm } from "./sign-out-form";

export interface SignOutProps {
  /** A path of this app to go to after it; what `signedOutPath` of `daemun.config.ts` says, if absent. */
  returnTo?: string;
  className?: string;
  /** What the button says. */
  children?: ReactNode;
}

/** A button that ends the session of this browser, on any page and without script. Other devices stay signed in. */
export async function SignOut({ returnTo, className = buttonStyle("secondary"), children }: SignOutProps) {
  const t = await getTranslations("shell");
  return (
    <SignOutForm scope="device" {...(returnTo !== undefined && { returnTo })}>
      <button type="submit" className={className}>
        {children ?? t("signOutHere")}
      </button>
    </SignOutForm>
  );
}
