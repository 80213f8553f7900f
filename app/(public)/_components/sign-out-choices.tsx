import { useTranslations } from "next-intl";
import { isolated } from "@/ui/isolated";
import { SignOutChoice } from "./sign-out-choice";

interface SignOutChoicesProps {
  name: string | null;
  providerName: string;
  /** Whether the provider has a sign-out that we can ask for; null when that is not known now. */
  endsProviderSession: boolean | null;
  /** The host that ending that session leads to; null where that is not known. */
  providerHost: string | null;
}

export function SignOutChoices({ name, providerName, endsProviderSession, providerHost }: SignOutChoicesProps) {
  const t = useTranslations();
  const provider = { provider: providerName };
  // Both lead there.
  const away = providerHost === null ? null : t("signOut.leadsTo", { host: providerHost });
  return (
    <div className="mx-auto w-full max-w-2xl px-5 py-12 sm:py-20">
      <h1 className="font-bold text-3xl sm:text-4xl">{t("signOut.heading")}</h1>
      <p className="mt-3 text-lg text-muted wrap-anywhere">
        {name === null ? t("signOut.leadNoName") : t.rich("signOut.lead", { ...isolated, name })}
      </p>
      <ul className="mt-8 divide-y divide-line rounded-xl border border-line bg-surface">
        <li>
          <SignOutChoice
            scope="device"
            title={t("signOut.device.title")}
            body={t("signOut.device.body")}
            button={t("signOut.device.button")}
            emphasised
          />
        </li>
        <li>
          {endsProviderSession === false ? (
            <SignOutChoice
              scope="provider"
              title={t("signOut.provider.title", provider)}
              body={t("signOut.provider.bodyUnsupported", provider)}
              button={t("signOut.provider.buttonUnsupported", provider)}
              disabled
            />
          ) : (
            <SignOutChoice
              scope="provider"
              title={t("signOut.provider.title", provider)}
              body={t(endsProviderSession ? "signOut.provider.body" : "signOut.provider.bodyUnknown", provider)}
              away={away}
              button={t("signOut.provider.button", provider)}
            />
          )}
        </li>
        <li>
          <SignOutChoice
            scope="everywhere"
            title={t("signOut.everywhere.title")}
            body={t("signOut.everywhere.body")}
            away={away}
            button={t("signOut.everywhere.button")}
          />
        </li>
      </ul>
      <p className="mt-6">
        <a
          href="/account"
          className="inline-flex min-h-11 items-center font-semibold text-accent underline-offset-4 hover:underline"
        >
          {t("signOut.stay")}
        </a>
      </p>
    </div>
  );
}
