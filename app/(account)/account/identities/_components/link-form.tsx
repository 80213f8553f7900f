import type { ReactNode } from "react";

interface LinkFormProps {
  /** The provider's id. */
  provider: string;
  csrfToken: string;
  /** Where adding it leads to; null for this page. */
  returnTo: string | null;
  children: ReactNode;
}

/** Sends the user to a provider to add what they have there. A plain form: it leaves this site. */
export function LinkForm({ provider, csrfToken, returnTo, children }: LinkFormProps) {
  return (
    <form method="post" action={`/api/account/identities/${encodeURIComponent(provider)}/link`} data-link={provider}>
      <input type="hidden" name="csrfToken" value={csrfToken} />
      {returnTo !== null && <input type="hidden" name="returnTo" value={returnTo} />}
      {children}
    </form>
  );
}
