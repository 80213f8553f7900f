import { useTranslations } from "next-intl";
import type { ErrorCode } from "@/edge/error-codes";
import type { ProviderSummary } from "@/server/auth/provider-list";
import { GateScene } from "@/ui/brand/gate-scene";
import { buttonStyle } from "@/ui/button-style";
import { isolated } from "@/ui/isolated";
import { KeepFragment } from "@/ui/keep-fragment";
import { Notice } from "@/ui/notice";
import { ProviderForm, rememberHintId } from "./provider-form";
import { WhatIsAsked } from "./what-is-asked";

interface SignInChoicesProps {
  /** In the order in which they are offered. */
  providers: ProviderSummary[];
  /** The provider to put first and emphasise. */
  preferred: string | null;
  /** The provider by which this browser was signed in last, where that is worth saying. */
  lastUsed: string | null;
  returnTo: string;
  /** What another site said who it is, and of which provider. */
  loginHint: { provider: string; value: string } | null;
  error: ErrorCode | null;
  signedInAs: { name: string | null } | null;
  unavailable: boolean;
  /** Whether another account is wanted than the provider would choose by itself. */
  wantsOther: boolean;
}

export function SignInChoices(props: SignInChoicesProps) {
  const { providers, preferred, lastUsed, returnTo, loginHint, error, signedInAs, unavailable, wantsOther } = props;
  const t = useTranslations();
  // Whoever has to sign in once more would not get there by going on.
  const mustSignIn = error === "reauthentication_required" || error === "step_up_required";
  const mayGoOn = signedInAs !== null && !mustSignIn;
  const only = providers.length === 1 ? providers[0] : undefined;
  const emphasised = preferred ?? only?.id;
  const ordered = [...providers].sort((a, b) => Number(b.id === preferred) - Number(a.id === preferred));
  const form = (provider: ProviderSummary) => (
    <ProviderForm
      provider={provider}
      returnTo={returnTo}
      loginHint={provider.id === loginHint?.provider ? loginHint.value : undefined}
      emphasised={provider.id === emphasised && !signedInAs}
      switching={mayGoOn || wantsOther}
      isLastUsed={provider.id === lastUsed}
    />
  );
  const canRemember = providers.some(({ rememberDays }) => rememberDays !== null);
  return (
    <div className="mx-auto w-full max-w-md px-5 py-12 sm:py-20">
      <GateScene open={signedInAs !== null} className="h-auto w-36" />
      <h1 className="mt-5 font-bold text-3xl">{t("signIn.heading")}</h1>
      {providers.length > 0 && (
        <p className="mt-2 text-muted">{only ? t("signIn.leadOne", { provider: only.name }) : t("signIn.lead")}</p>
      )}

      <div className="mt-6 space-y-4 empty:hidden">
        {error && (
          <Notice tone="danger" role="alert" isOutcome title={t(`errors.${error}.title`)}>
            <p>{t(`errors.${error}.body`)}</p>
            <p>{t(`errors.${error}.action`)}</p>
          </Notice>
        )}
        {unavailable && error !== "database_unavailable" && (
          <Notice tone="warn" title={t("signIn.unavailable.title")}>
            <p>{t("signIn.unavailable.body")}</p>
          </Notice>
        )}
        {mayGoOn && (
          <Notice
            tone="calm"
            title={
              signedInAs.name === null
                ? t("signIn.already.titleNoName")
                : t.rich("signIn.already.title", { ...isolated, name: signedInAs.name })
            }
          >
            <p>{t("signIn.already.body")}</p>
            <p>
              <a href={returnTo} className={buttonStyle("primary", "mt-1")}>
                {t("signIn.already.continue")}
              </a>
            </p>
          </Notice>
        )}
      </div>

      <h2 className={mayGoOn ? "mt-8 font-semibold text-lg" : "sr-only"}>
        {mayGoOn ? t("signIn.already.switchHeading") : t("signIn.methods")}
      </h2>
      {/* Before the buttons: whoever hears the page from its top would come to the choice too late. */}
      {canRemember && (
        <p id={rememberHintId} className="mt-4 text-muted text-sm">
          {t("signIn.rememberHint")}
        </p>
      )}
      {providers.length === 0 ? (
        <div className="mt-6">
          <Notice tone="warn" title={t("signIn.empty.title")}>
            <p>{t("signIn.empty.body")}</p>
          </Notice>
        </div>
      ) : only ? (
        <div className={canRemember ? "mt-4" : "mt-6"}>{form(only)}</div>
      ) : (
        <ul className={`space-y-6 ${canRemember ? "mt-4" : "mt-6"}`}>
          {ordered.map((provider) => (
            <li key={provider.id}>{form(provider)}</li>
          ))}
        </ul>
      )}
      <div className="mt-8 border-line border-t pt-5">
        <p className="text-muted text-sm">{t("signIn.note")}</p>
        {providers.length > 0 && <WhatIsAsked providers={ordered} />}
      </div>
      <KeepFragment />
    </div>
  );
}
