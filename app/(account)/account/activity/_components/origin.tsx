import { useLocale, useTranslations } from "next-intl";
import type { Activity } from "@/server/accounts/activity";

/** From which device, and as far as it is known from where. */
export function Origin({ device, place, country, city }: NonNullable<Activity["origin"]>) {
  const t = useTranslations("account.activity");
  const locale = useLocale();
  const where = country && [city, new Intl.DisplayNames(locale, { type: "region" }).of(country)];
  return (
    <>
      <bdi>{device ?? t("deviceUnknown")}</bdi> <span aria-hidden="true">·</span>{" "}
      <span className="sr-only">{t("place.label")}</span>{" "}
      {where && (
        <>
          <bdi>{where.filter(Boolean).join(", ")}</bdi>{" "}
        </>
      )}
      {place.kind === "network" ? (
        <bdi className="tabular-nums">{where ? `(${place.address})` : place.address}</bdi>
      ) : (
        !where && t(`place.${place.kind}`)
      )}
    </>
  );
}
