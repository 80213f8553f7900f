import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { listProviders } from "@/server/auth/provider-list";
import { readSession } from "@/server/sessions/registry/session-state";
import { buttonStyle } from "@/ui/button-style";
import { Statement } from "@/ui/statement";
import { SignOutChoices } from "../_components/sign-out-choices";

export async function generateMetadata(): Promise<Metadata> {
  const [t, state] = await Promise.all([getTranslations(), readSession()]);
  return { title: t(state.kind === "unavailable" ? "unavailable.title" : "signOut.title") };
}

export default async function SignOutPage() {
  const [t, state] = await Promise.all([getTranslations("signOut"), readSession()]);
  switch (state.kind) {
    case "anonymous":
    case "ended":
      return (
        <Statement
          heading={t("anonymous.heading")}
          actions={
            <a href="/sign-in" className={buttonStyle("primary")}>
              {t("anonymous.signIn")}
            </a>
          }
        >
          <p>{t("anonymous.body")}</p>
        </Statement>
      );
    case "unavailable":
      return (
        <Statement
          heading={t("unavailable.heading")}
          actions={
            <a href="/sign-out" className={buttonStyle("primary")}>
              {t("unavailable.retry")}
            </a>
          }
        >
          <p>{t("unavailable.body")}</p>
        </Statement>
      );
    case "active": {
      const { user, provider: id } = state.session;
      const providers = await getLocale().then(listProviders);
      const provider = providers.find((candidate) => candidate.id === id);
      return (
        <SignOutChoices
          name={user.name ?? user.email}
          providerName={provider?.name ?? id}
          // A provider that was taken out of the configuration can't be asked any more.
          endsProviderSession={provider ? provider.endsProviderSession : false}
          providerHost={provider?.signOutHost ?? null}
        />
      );
    }
  }
}
