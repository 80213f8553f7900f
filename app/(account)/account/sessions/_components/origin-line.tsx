import { useTranslations } from "next-intl";
import type { ListedSession } from "@/server/sessions/registry/list-sessions";

/** Which provider let this session in, and from where. */
export function OriginLine({ place, providerName }: { place: ListedSession["place"]; providerName: string }) {
  const t = useTranslations("account.sessions");
  return (
    <p className="text-muted wrap-anywhere">
      {t("via", { provider: providerName })} <span aria-hidden="true">·</span>{" "}
      {place.kind === "network" ? (
        <>
          <span className="sr-only">{t("place.label")}</span> <bdi className="tabular-nums">{place.address}</bdi>
        </>
      ) : (
        t(`place.${place.kind}`)
      )}
    </p>
  );
}
