import { useFormatter, useTranslations } from "next-intl";
import type { Day, Series } from "./daily-bars";

interface DailyTableProps {
  caption: string;
  series: readonly Series[];
  days: readonly Day[];
  dayName: (day: Date) => string;
}

/** What a plot shows, in numbers: the newest day first. */
export function DailyTable({ caption, series, days, dayName }: DailyTableProps) {
  const t = useTranslations("admin.overview.plots");
  const format = useFormatter();
  return (
    <details className="group mt-2">
      <summary className="inline-flex min-h-11 cursor-pointer items-center gap-2 font-medium text-accent underline-offset-4 hover:underline">
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ›
        </span>
        {t("table")}
      </summary>
      <table className="w-full text-sm tabular-nums">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-line border-b text-muted">
            <th scope="col" className="py-2 pr-3 text-left font-medium">
              {t("day")}
            </th>
            {series.map(({ id, label }) => (
              <th key={id} scope="col" className="py-2 pl-3 text-right font-medium wrap-anywhere">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {days.toReversed().map(({ day, values, shown = values }) => (
            <tr key={day.getTime()}>
              <th scope="row" className="py-1.5 pr-3 text-left font-normal whitespace-nowrap">
                {dayName(day)}
              </th>
              {series.map(({ id }, at) => (
                <td key={id} className="py-1.5 pl-3 text-right">
                  {shown ? format.number(shown[at] ?? 0) : "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
