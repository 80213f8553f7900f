import { useTranslations } from "next-intl";
import type { SignOutOutcome } from "@/server/auth/sign-out/sign-out-outcome";
import { OutcomeRow } from "./outcome-row";

const providerLines = {
  ended: { verdict: "ended", text: "providerEnded" },
  unsupported: { verdict: "notEnded", text: "providerUnsupported" },
  unreachable: { verdict: "notEnded", text: "providerUnreachable" },
  unconfirmed: { verdict: "unsure", text: "providerUnconfirmed" },
  not_asked: { verdict: "notEnded", text: "providerNotAsked" },
} as const;

/** What a sign-out ended and what it left, line by line. */
export function SignOutReport({ outcome }: { outcome: SignOutOutcome }) {
  const t = useTranslations("signedOut");
  const provider = providerLines[outcome.provider];
  const everywhere = outcome.scope === "everywhere";
  // A session that is over speaks for nobody: whoever asked for everywhere with one has ended nothing on other devices.
  const wasOver = everywhere && outcome.endedCount === 0;
  return (
    <ul aria-label={t("listLabel")} className="divide-y divide-line rounded-xl border border-line bg-surface text-base">
      <OutcomeRow
        verdict="ended"
        label={t("ended")}
        text={everywhere ? t("others", { count: outcome.endedCount }) : t("device")}
      />
      <OutcomeRow
        verdict={provider.verdict}
        label={t(provider.verdict)}
        text={t(provider.text, { provider: outcome.providerName ?? t("theProvider") })}
      />
      {outcome.tokensLeft > 0 && (
        <OutcomeRow
          verdict="unsure"
          label={t("unsure")}
          text={t("tokensLeft", { provider: outcome.providerName ?? t("theProvider") })}
        />
      )}
      {wasOver && <OutcomeRow verdict="notEnded" label={t("notEnded")} text={t("othersLeft")} />}
      {!everywhere && <OutcomeRow verdict="notEnded" label={t("notEnded")} text={t("otherDevices")} />}
      {everywhere && outcome.endedCount > 1 && (
        <OutcomeRow verdict="notEnded" label={t("notEnded")} text={t("providersElsewhere")} />
      )}
    </ul>
  );
}
