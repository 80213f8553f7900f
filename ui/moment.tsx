import { useFormatter, useLocale } from "next-intl";
import { LocalTime } from "./local-time";

/** A moment as a `<time>`; with `now`, the distance in words ("5 minutes ago") comes first. */
export function Moment({ at, now }: { at: Date; now?: Date }) {
  const format = useFormatter();
  const locale = useLocale();
  const written = format.dateTime(at, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  });
  const time = <LocalTime at={at.toISOString()} locale={locale} written={written} />;
  if (!now) return time;
  return (
    <>
      <span className="block">{format.relativeTime(at, now)}</span>
      <span className="block text-muted text-sm">{time}</span>
    </>
  );
}
