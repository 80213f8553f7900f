import { useFormatter, useTranslations } from "next-intl";
import { countOf, type DailyEvent, type DailyFigures } from "@/server/administration/daily-counts";
import { Badge } from "@/ui/badge";
import { DailyBars } from "../../../_components/daily-bars";
import {
  isFailed,
  isOutage,
  isRefused,
  isSucceeded,
  refreshFailed,
  refreshSucceeded,
  signInSeries,
} from "../../../_components/sign-in-series";

interface ProviderHealthProps {
  id: string;
  name: string;
  isConfigured: boolean;
  days: readonly DailyFigures[];
  /** By how much its clock is ahead; null where nothing tells. */
  clockSeconds: number | null;
}

/** How signing in with one provider has gone. */
export function ProviderHealth({ id, name, isConfigured, days, clockSeconds }: ProviderHealthProps) {
  const t = useTranslations("admin.providers");
  const words = useTranslations("admin.overview");
  const format = useFormatter();
  const own = days.map(({ day, events, countedAt }) => ({
    day,
    countedAt,
    events: events.filter(({ provider }) => provider === id),
  }));
  const all = own.flatMap(({ events }) => events);
  const facts = [
    [t("facts.succeeded"), format.number(countOf(all, isSucceeded))],
    [t("facts.failed"), format.number(countOf(all, isFailed))],
    [t("facts.refreshed"), format.number(countOf(all, refreshSucceeded))],
    [t("facts.refreshFailed"), format.number(countOf(all, refreshFailed))],
    [t("facts.trouble"), format.number(own.filter(({ events }) => events.some(isOutage)).length)],
    [t("facts.clock"), clockWords(t, clockSeconds)],
  ] as const;
  const reasons = reasonsOf(all);
  return (
    <section aria-labelledby={`provider-${id}`} className="space-y-4">
      <h2 id={`provider-${id}`} className="flex flex-wrap items-center gap-2.5 pt-2 font-bold text-2xl">
        <bdi>{name}</bdi>
        {!isConfigured && <Badge tone="plain">{t("former")}</Badge>}
      </h2>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 rounded-xl border border-line bg-surface p-5 sm:grid-cols-3 sm:p-6">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-muted text-sm">{label}</dt>
            <dd className="font-semibold text-lg tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <DailyBars
        id={`signing-in-${id}`}
        heading={t("plot.heading", { provider: name })}
        lead={words("plots.signIns.lead")}
        series={signInSeries(words)}
        days={own.map(({ day, events, countedAt }) => ({
          day,
          values: countedAt && [isSucceeded, isFailed, isRefused].map((fits) => countOf(events, fits)),
        }))}
      />
      {reasons.length > 0 && (
        <div className="rounded-xl border border-line bg-surface p-5 sm:p-6">
          <h3 className="font-semibold">{t("reasons.heading")}</h3>
          <dl className="mt-2 divide-y divide-line">
            {reasons.map(([reason, count]) => (
              <div key={reason} className="flex flex-wrap justify-between gap-x-4 py-2">
                <dt>
                  <code className="wrap-anywhere">{reason}</code>
                </dt>
                <dd className="text-muted tabular-nums">{t("reasons.times", { count })}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </section>
  );
}

/** The most frequent first. */
function reasonsOf(events: readonly DailyEvent[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason, count } of events.filter(isFailed)) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10);
}

function clockWords(t: ReturnType<typeof useTranslations<"admin.providers">>, ahead: number | null): string {
  if (ahead === null) return t("clock.unknown");
  const seconds = Math.round(Math.abs(ahead));
  if (seconds === 0) return t("clock.even");
  return t(ahead > 0 ? "clock.ahead" : "clock.behind", { seconds });
}
