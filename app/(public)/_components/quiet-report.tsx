import { useTranslations } from "next-intl";
import type { SignOutOutcome } from "@/server/auth/sign-out/sign-out-outcome";
import { Disclosure } from "@/ui/disclosure";
import { SignOutReport } from "./sign-out-report";

/** What most people who sign out want to know, and the rest on request. */
export function QuietReport({ outcome }: { outcome: SignOutOutcome }) {
  const t = useTranslations("signedOut");
  const provider = outcome.providerName ?? t("theProvider");
  return (
    <>
      <p>
        {t("quiet.body", { provider })} {t("quiet.shared", { provider })}
      </p>
      <Disclosure label={t("quiet.details")} of={t("listLabel")} className="-ml-2 text-base">
        <div className="mt-2">
          <SignOutReport outcome={outcome} />
        </div>
      </Disclosure>
    </>
  );
}
