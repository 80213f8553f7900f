import { useTranslations } from "next-intl";
import type { ProviderLabel } from "@/server/auth/provider-list";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import { LinkForm } from "./link-form";

interface WantedMethodProps {
  provider: ProviderLabel;
  csrfToken: string;
  /** The page that was asked for, to which adding it leads on. */
  returnTo: string | null;
}

/** The method that the user came with and could not sign in by, to be added with one click. */
export function WantedMethod({ provider, csrfToken, returnTo }: WantedMethodProps) {
  const t = useTranslations("account.identities.add");
  const { id, name } = provider;
  return (
    <Notice tone="calm" title={t("wanted", { provider: name })}>
      <p>{t("wantedBody", { provider: name })}</p>
      {returnTo !== null && <p>{t("wantedReturn")}</p>}
      <LinkForm provider={id} csrfToken={csrfToken} returnTo={returnTo}>
        <button type="submit" className={buttonStyle("primary", "mt-2 w-full sm:w-auto")}>
          {t("button", { provider: name })}
        </button>
      </LinkForm>
    </Notice>
  );
}
