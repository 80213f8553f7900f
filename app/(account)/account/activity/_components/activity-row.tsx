import { useFormatter, useLocale, useTranslations } from "next-intl";
import type { Activity } from "@/server/accounts/activity";
import { Badge } from "@/ui/badge";
import { LocalTime } from "@/ui/local-time";
import { timeFormat } from "@/ui/moment-format";
import { sentenceOf } from "../sentence";
import { ActivityIcon } from "./activity-icon";
import { NotMe } from "./not-me";
import { Origin } from "./origin";

interface ActivityRowProps {
  activity: Activity;
  /** What the provider and the service are called. */
  names: { provider: string; service: string };
  csrfToken: string;
}

/** One thing that happened: what, whether it failed and why, when, and from which device. */
export function ActivityRow({ activity, names, csrfToken }: ActivityRowProps) {
  const { key, at, origin, isFailure, reason, count, session } = activity;
  const t = useTranslations();
  const format = useFormatter();
  const locale = useLocale();
  const sentence = t(`account.activity.events.${sentenceOf(activity)}`, names);
  const facts = `activity-${key}`;
  return (
    <div data-event={activity.event} className="grid gap-x-6 gap-y-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center">
      <div className="flex min-w-0 gap-4">
        <ActivityIcon activity={activity} />
        <div id={facts} className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
            <h3 className="font-medium wrap-anywhere">{sentence}</h3>
            {count > 1 && <Badge tone="plain">{t("account.activity.times", { count })}</Badge>}
            {isFailure && <Badge tone="warn">{t("account.activity.failed")}</Badge>}
            {session === "this" && <Badge tone="good">{t("account.activity.thisDevice")}</Badge>}
          </div>
          {isFailure && reason && (
            <p className="mt-0.5 text-[0.9375rem] wrap-anywhere">{t(`errors.${reason}.title`)}</p>
          )}
          <p className="mt-0.5 text-[0.9375rem] text-muted wrap-anywhere">
            <LocalTime at={at.toISOString()} locale={locale} written={format.dateTime(at, timeFormat)} timeOnly />
            {origin && (
              <>
                {" "}
                <span aria-hidden="true">·</span> <Origin {...origin} />
              </>
            )}
          </p>
        </div>
      </div>
      <NotMe activity={activity} sentence={sentence} facts={facts} csrfToken={csrfToken} />
    </div>
  );
}
