import { useTranslations } from "next-intl";
import type { ProviderLabel } from "@/server/auth/provider-list";
import { buttonStyle } from "@/ui/button-style";
import { ProviderBadge } from "@/ui/provider-badge";
import { SectionCard } from "@/ui/section-card";
import { LinkForm } from "./link-form";

interface AddMethodsProps {
  providers: ProviderLabel[];
  /** Whether there is nothing to add, here or anywhere on the page. */
  isComplete: boolean;
  /** The name of the provider that would be asked who is there. */
  confirmedBy: string;
  csrfToken: string;
}

/** The providers that this user has nothing of yet. */
export function AddMethods({ providers, isComplete, confirmedBy, csrfToken }: AddMethodsProps) {
  const t = useTranslations("account.identities.add");
  if (isComplete) return <p className="px-1 text-muted">{t("none")}</p>;
  if (providers.length === 0) return null;
  return (
    <SectionCard id="add" heading={t("heading")} lead={t("lead")}>
      <ul className="grid gap-3 px-5 pt-5 sm:grid-cols-2 sm:px-6">
        {providers.map(({ id, name, type }) => (
          <li key={id}>
            <LinkForm provider={id} csrfToken={csrfToken} returnTo={null}>
              <button
                type="submit"
                aria-describedby="add-confirming"
                className={buttonStyle("secondary", "min-h-13 w-full justify-start px-4 text-left")}
              >
                <ProviderBadge type={type} name={name} />
                <span className="min-w-0 wrap-anywhere">{t("button", { provider: name })}</span>
              </button>
            </LinkForm>
          </li>
        ))}
      </ul>
      <p id="add-confirming" className="px-5 pt-4 pb-5 text-muted text-sm sm:px-6 sm:pb-6">
        {t("confirming", { provider: confirmedBy })}
      </p>
    </SectionCard>
  );
}
