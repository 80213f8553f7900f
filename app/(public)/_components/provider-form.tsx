import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { ProviderBadge } from "@/ui/provider-badge";

export interface ProviderChoice {
  id: string;
  name: string;
  type: string;
  canSignUp: boolean;
}

interface ProviderFormProps {
  provider: ProviderChoice;
  returnTo: string;
  csrfToken: string;
  emphasised: boolean;
}

export function ProviderForm({ provider, returnTo, csrfToken, emphasised }: ProviderFormProps) {
  const t = useTranslations("signIn");
  return (
    <form method="post" action={`/api/auth/signin/${encodeURIComponent(provider.id)}`} data-provider={provider.id}>
      <input type="hidden" name="csrfToken" value={csrfToken} />
      <input type="hidden" name="returnTo" value={returnTo} />
      <button
        type="submit"
        className={buttonStyle(emphasised ? "primary" : "secondary", "min-h-13 w-full justify-start px-4 text-left")}
      >
        <ProviderBadge type={provider.type} name={provider.name} />
        <span className="min-w-0 wrap-anywhere">{t("continueWith", { provider: provider.name })}</span>
      </button>
      {provider.canSignUp && (
        <button
          type="submit"
          name="mode"
          value="sign-up"
          // Several providers may offer this: the name tells them apart where the eye has no neighbour to look at.
          aria-label={`${t("createAccount")} (${provider.name})`}
          className={buttonStyle("quiet", "mt-1 w-full text-[0.9375rem]")}
        >
          {t("createAccount")}
        </button>
      )}
    </form>
  );
}
