import type { getTranslations } from "next-intl/server";
import type { DailyEvent } from "@/server/administration/daily-counts";
import type { Series } from "./daily-bars";

/** What became of sign-ins, in the order in which plots stack it. */
export const isSucceeded = ({ event }: DailyEvent) => event === "sign_in.succeeded";
export const isFailed = ({ event }: DailyEvent) => event === "sign_in.failed";
export const isRefused = ({ event }: DailyEvent) => event === "sign_in.not_allowed";

export const refreshSucceeded = ({ event }: DailyEvent) => event === "token.refreshed";
export const refreshFailed = ({ event }: DailyEvent) => event === "token.refresh_failed";

/** Whether the provider could not be asked, or not as it should be. */
export const isOutage = ({ event, reason }: DailyEvent) =>
  (event === "sign_in.failed" || event === "token.refresh_failed") &&
  /^provider_(?:unavailable|timeout|misconfigured)$/.test(reason);

export function signInSeries(t: Awaited<ReturnType<typeof getTranslations<"admin.overview">>>): Series[] {
  return [
    { id: "succeeded", label: t("plots.signIns.succeeded"), tone: "good" },
    { id: "failed", label: t("plots.signIns.failed"), tone: "danger" },
    { id: "refused", label: t("plots.signIns.refused"), tone: "warn" },
  ];
}
