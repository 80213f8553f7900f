import "server-only";
import type { ReactNode } from "react";
import { browserFormToken } from "../sessions/cookies/form-token";

export interface SignInFormProps {
  /** The id of a configured provider. */
  provider: string;
  /** A path of this app. */
  returnTo: string;
  /** What else it says: `mode`, `prompt`, `login_hint`. */
  fields?: Readonly<Record<string, string | undefined>>;
  className?: string;
  /** At least a button that submits. */
  children: ReactNode;
}

/**
 * The plain form that begins a sign-in. It works without script, on a browser's first visit too: there it carries no token, and
 * the browser's own word about where it comes from counts (docs/decisions/0057-a-sign-in-starts-anywhere.md).
 */
export async function SignInForm({ provider, returnTo, fields = {}, className, children }: SignInFormProps) {
  const csrfToken = await browserFormToken();
  return (
    <form
      method="post"
      action={`/api/auth/signin/${encodeURIComponent(provider)}`}
      data-provider={provider}
      className={className}
    >
      {csrfToken !== null && <input type="hidden" name="csrfToken" value={csrfToken} />}
      <input type="hidden" name="returnTo" value={returnTo} />
      {Object.entries(fields).map(
        ([name, value]) => value !== undefined && <input key={name} type="hidden" name={name} value={value} />,
      )}
      {children}
    </form>
  );
}
