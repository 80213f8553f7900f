import { useFormatter, useLocale } from "next-intl";
import { LocalTime } from "./local-time";
import { momentFormat } from "./moment-format";

/** A moment as a `<time>`; with `now`, the distance in words ("5 minutes ago") comes first. */
export function Moment({ at, now }: { at: Date; now?: Date }) {
  const format = useFormatter();
  const locale = useLocale();
  const written = format.dateTime(at, momentFormat);
  const time = <LocalTime at={at.toISOString()} locale={locale} written={written} />;
  if (!now) return time;
  return (
    <>
      <span className="block">{format.relativeTime(at, now)}</span>
      <span className="block text-muted text-sm">{time}</span>
    </>
  );
}
