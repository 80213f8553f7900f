import { useTranslations } from "next-intl";
import type { ProviderSummary } from "@/server/auth/provider-list";
import { SignInForm } from "@/server/forms/sign-in-form";
import { buttonStyle } from "@/ui/button-style";
import { ProviderBadge } from "@/ui/provider-badge";

interface ProviderFormProps {
  provider: ProviderSummary;
  returnTo: string;
  /** Whom another site said that it is, to be told to the provider. */
  loginHint: string | undefined;
  emphasised: boolean;
  /** Whether whoever signs in wants another account than the one that is signed in. */
  switching: boolean;
  /** Whether this browser was signed in by it last. */
  isLastUsed: boolean;
}

const lastUsedId = "last-used";

/** Of the text that says when to choose "Keep me signed in": once a page, for all its forms. */
export const rememberHintId = "remember-hint";

export function ProviderForm(props: ProviderFormProps) {
  const { provider, returnTo, loginHint, emphasised, switching, isLastUsed } = props;
  const t = useTranslations("signIn");
  const shell = useTranslations("shell");
  const leadsToId = `leads-to-${provider.id}`;
  const kind = provider.type === "google" ? "google" : emphasised ? "primary" : "secondary";
  const offersOther = !switching && !provider.choosesAccount;
  return (
    <SignInForm
      provider={provider.id}
      returnTo={returnTo}
      fields={{ prompt: switching ? "select_account" : undefined, login_hint: loginHint }}
    >
      <button
        type="submit"
        aria-describedby={isLastUsed ? `${leadsToId} ${lastUsedId}` : leadsToId}
        className={buttonStyle(kind, "min-h-13 w-full justify-start px-4 text-left")}
      >
        <ProviderBadge type={provider.type} name={provider.name} />
        <span className="min-w-0 wrap-anywhere">{t("continueWith", { provider: provider.name })}</span>
        {isLastUsed && (
          // Described by it, not named: its button is called the same everywhere.
          <span
            id={lastUsedId}
            aria-hidden="true"
            className="ml-auto shrink-0 rounded-full border border-current px-2.5 py-0.5 font-medium text-sm"
          >
            {t("lastUsed")}
          </span>
        )}
      </button>
      <p id={leadsToId} className="mt-2 pl-1 text-muted text-sm wrap-anywhere">
        {shell("leadsTo", { host: provider.host })}
      </p>
      {(provider.rememberDays !== null || provider.canSignUp || offersOther) && (
        <div className="mt-1 flex flex-wrap items-center justify-between gap-x-4 text-[0.9375rem]">
          {provider.rememberDays !== null && (
            <label className="flex min-h-11 min-w-0 cursor-pointer items-center gap-2.5 pl-1">
              <input
                type="checkbox"
                name="remember"
                value="1"
                aria-describedby={rememberHintId}
                className="size-5 shrink-0 cursor-pointer accent-accent"
              />
              <span>
                {t("remember", { days: provider.rememberDays })}
                <span className="sr-only"> ({provider.name})</span>
              </span>
            </label>
          )}
          {provider.canSignUp && (
            <button
              type="submit"
              name="mode"
              value="sign-up"
              // Several providers may offer this: the name tells them apart where the eye has no neighbour to look at.
              aria-label={`${t("createAccount")} (${provider.name})`}
              aria-describedby={leadsToId}
              className={buttonStyle("quiet", provider.rememberDays === null ? "w-full" : "-mr-5 ml-3.5")}
            >
              {t("createAccount")}
            </button>
          )}
          {offersOther && (
            <button
              type="submit"
              name="prompt"
              value="select_account"
              aria-label={`${t("otherAccount")} (${provider.name})`}
              aria-describedby={leadsToId}
              className={buttonStyle("quiet", "-mr-5 ml-auto")}
            >
              {t("otherAccount")}
            </button>
          )}
        </div>
      )}
    </SignInForm>
  );
}
