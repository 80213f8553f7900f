import { useTranslations } from "next-intl";
import type { ListedSession } from "@/server/sessions/registry/list-sessions";

/** Which provider let this session in, and from where. */
export function OriginLine({ place, providerName }: { place: ListedSession["place"]; providerName: string }) {
  const t = useTranslations("account.sessions");
  return (
    <p className="text-muted wrap-anywhere">
      {t("via", { provider: providerName })}
      {/* Seen as a dot, heard as a pause. */}
      <span aria-hidden="true"> · </span>
      <span className="sr-only">, {place.kind !== "unknown" && `${t("place.label")} `}</span>
      {place.kind === "network" ? (
        <bdi className="tabular-nums">{place.address}</bdi>
      ) : (
        <span>{t(`place.${place.kind}`)}</span>
      )}
    </p>
  );
}
