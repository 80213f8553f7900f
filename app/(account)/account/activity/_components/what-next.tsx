import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { SignOutForm } from "@/server/forms/sign-out-form";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";

interface WhatNextProps {
  provider: { name: string; accountPage: string | null };
}

/** What to do about something that one does not recognize, in the order in which it helps. */
export function WhatNext({ provider: { name: provider, accountPage } }: WhatNextProps) {
  const t = useTranslations("account.activity.next");
  const secondary = buttonStyle("secondary", "w-full sm:w-auto");
  return (
    <SectionCard id="next" heading={t("heading")} lead={t("lead")}>
      <ol className="mt-4 divide-y divide-line border-line border-t">
        <Step title={t("everywhere.title")} body={t("everywhere.body")}>
          <SignOutForm scope="everywhere">
            <button type="submit" className={secondary}>
              {t("everywhere.action")}
            </button>
          </SignOutForm>
        </Step>
        <Step title={t("provider.title", { provider })} body={t("provider.body", { provider })}>
          {accountPage !== null && (
            <a href={accountPage} rel="noreferrer" className={secondary}>
              {t("provider.action", { provider })} <span aria-hidden="true">↗</span>
            </a>
          )}
        </Step>
        <Step title={t("identities.title")} body={t("identities.body")}>
          <a href="/account/identities" className={secondary}>
            {t("identities.action")}
          </a>
        </Step>
        <Step title={t("sessions.title")} body={t("sessions.body")}>
          <a href="/account/sessions" className={secondary}>
            {t("sessions.action")}
          </a>
        </Step>
        <Step title={t("services.title")} body={t("services.body")}>
          <a href="/account/connections" className={secondary}>
            {t("services.action")}
          </a>
        </Step>
      </ol>
    </SectionCard>
  );
}

function Step({ title, body, children }: { title: string; body: string; children?: ReactNode }) {
  return (
    <li className="grid gap-x-6 gap-y-3 p-5 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center sm:px-6">
      <div className="min-w-0">
        <h3 className="font-medium wrap-anywhere">{title}</h3>
        <p className="mt-0.5 text-[0.9375rem] text-muted wrap-anywhere">{body}</p>
      </div>
      {children}
    </li>
  );
}
