import "server-only";
import type { ReactNode } from "react";
import type { SignOutScope } from "../auth/sign-out/sign-out-outcome";
import { formToken } from "../sessions/cookies/form-token";

export interface SignOutFormProps {
  scope: SignOutScope;
  /** Where it leads to; what `daemun.config.ts` says, if absent. */
  returnTo?: string;
  className?: string;
  /** At least a button that submits. */
  children: ReactNode;
}

/** The plain form that signs out, bound to the session that its page was shown in. */
export async function SignOutForm({ scope, returnTo, className, children }: SignOutFormProps) {
  return (
    <form method="post" action="/api/auth/signout" data-scope={scope} className={className}>
      <input type="hidden" name="csrfToken" value={await formToken("session")} />
      <input type="hidden" name="scope" value={scope} />
      {returnTo !== undefined && <input type="hidden" name="returnTo" value={returnTo} />}
      {children}
    </form>
  );
}
