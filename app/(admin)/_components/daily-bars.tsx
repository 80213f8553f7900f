import { scaleBand, scaleLinear } from "d3-scale";
import { stack } from "d3-shape";
import { useFormatter, useTranslations } from "next-intl";
import { SectionCard } from "@/ui/section-card";
import { DailyTable } from "./daily-table";

const fills = { good: "fill-accent", warn: "fill-warn", danger: "fill-danger" } as const;
const swatches = { good: "bg-accent", warn: "bg-warn", danger: "bg-danger" } as const;

export interface Series {
  id: string;
  label: string;
  tone: keyof typeof fills;
}

export interface Day {
  day: Date;
  /** One for each series; null where nobody has counted. */
  values: readonly number[] | null;
  /** What is said of each in words, where that is not its height. */
  shown?: readonly number[] | null;
}

interface DailyBarsProps {
  id: string;
  heading: string;
  lead: string;
  series: readonly Series[];
  /** The oldest first. */
  days: readonly Day[];
  /** Whether the days can be added up. */
  isSum?: boolean;
}

// Of the drawing alone: it is stretched to the place that there is. Words stand beside it, in their own size.
const width = 600;
const height = 160;

/** Numbers of each day as bars one above the other, drawn on the server, with the same in a table below. */
export function DailyBars({ id, heading, lead, series, days, isSum = true }: DailyBarsProps) {
  const t = useTranslations("admin.overview.plots");
  const format = useFormatter();
  const totals = days.map(({ values }) => values?.reduce((sum, value) => sum + value, 0) ?? 0);
  const most = Math.max(...totals);
  if (most === 0) {
    return (
      <SectionCard id={id} heading={heading} lead={lead}>
        <p className="p-5 text-muted sm:p-6">{t("empty")}</p>
      </SectionCard>
    );
  }
  const y = scaleLinear([0, most], [height, 0]).nice(4);
  const x = scaleBand(
    days.map((_, at) => at),
    [0, width],
  ).padding(0.2);
  const layers = stack<Day, number>()
    .keys(series.keys())
    .value(({ values }, at) => values?.[at] ?? 0)(days);
  const ticks = y.ticks(4).filter(Number.isInteger);
  const dayName = (day: Date) => format.dateTime(day, { month: "short", day: "numeric", timeZone: "UTC" });
  const [first, middle, last] = [days[0], days[Math.floor(days.length / 2)], days.at(-1)].map((day) =>
    dayName(day?.day ?? new Date(0)),
  );
  const summary = t(isSum ? "summary" : "summaryMost", {
    heading,
    first: first ?? "",
    last: last ?? "",
    total: totals.reduce((sum, value) => sum + value, 0),
    most,
  });
  return (
    <SectionCard id={id} heading={heading} lead={lead}>
      <figure className="px-5 pt-5 pb-4 sm:px-6">
        <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
          <div aria-hidden="true" className="relative w-8 text-right text-muted text-xs tabular-nums">
            {ticks.map((tick) => (
              <span
                key={tick}
                className="absolute right-0 -translate-y-1/2"
                style={{ top: `${(y(tick) / height) * 100}%` }}
              >
                {format.number(tick, { notation: "compact" })}
              </span>
            ))}
          </div>
          <svg
            viewBox={`0 0 ${width} ${height}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={summary}
            className="h-40 w-full overflow-visible"
          >
            {ticks.map((tick) => (
              <line
                key={tick}
                x1={0}
                x2={width}
                y1={y(tick)}
                y2={y(tick)}
                vectorEffect="non-scaling-stroke"
                className="stroke-line"
              />
            ))}
            {layers.map((layer, index) => (
              <g key={series[index]?.id} className={fills[series[index]?.tone ?? "good"]}>
                {layer.map(([from, to], at) =>
                  to > from ? (
                    <rect
                      key={days[at]?.day.getTime()}
                      x={x(at)}
                      width={x.bandwidth()}
                      y={y(to)}
                      height={y(from) - y(to)}
                    >
                      <title>{`${dayName(days[at]?.day ?? new Date(0))}: ${series[index]?.label} ${days[at]?.shown?.[index] ?? to - from}`}</title>
                    </rect>
                  ) : null,
                )}
              </g>
            ))}
          </svg>
          <div aria-hidden="true" className="col-start-2 mt-1.5 flex justify-between text-muted text-xs tabular-nums">
            <span>{first}</span>
            <span>{middle}</span>
            <span>{last}</span>
          </div>
        </div>
        <figcaption className="mt-3">
          <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
            {series.map(({ id: key, label, tone }) => (
              <li key={key} className="flex items-center gap-2">
                <span aria-hidden="true" className={`size-3 rounded-sm ${swatches[tone]}`} />
                {label}
              </li>
            ))}
          </ul>
        </figcaption>
        <DailyTable series={series} days={days} dayName={dayName} caption={heading} />
      </figure>
    </SectionCard>
  );
}
