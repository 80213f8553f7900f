import { useTranslations } from "next-intl";
import type { ListedSession } from "@/server/sessions/registry/list-sessions";
import { Moment } from "@/ui/moment";
import { OriginLine } from "./origin-line";

interface EndedRowProps {
  session: ListedSession;
  providerName: string;
  now: Date;
}

/** A session that is over: when it ended, who ended it, and why. */
export function EndedRow({ session: { id, device, place, ended }, providerName, now }: EndedRowProps) {
  const t = useTranslations("account.sessions");
  if (!ended) return null;
  const why = ended.reason === "session_revoked" && ended.by !== "self" ? "revokedByOthers" : ended.reason;
  const provider = { provider: providerName };
  return (
    <li
      data-ended={id}
      className="grid gap-x-8 gap-y-3 py-4 text-[0.9375rem] sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]"
    >
      <div className="min-w-0">
        <h3 className="font-medium text-base wrap-anywhere">
          <bdi>{device ?? t("deviceUnknown")}</bdi>
        </h3>
        <OriginLine place={place} providerName={providerName} />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <dt className="text-muted">{t("ended.why")}</dt>
        <dd className="wrap-anywhere">{t(`ended.reasons.${why}`, provider)}</dd>
        <dt className="text-muted">{t("ended.by")}</dt>
        <dd className="wrap-anywhere">{t(`ended.enders.${ended.by}`, provider)}</dd>
        <dt className="text-muted">{t("ended.at")}</dt>
        <dd className="flex flex-wrap items-baseline gap-x-2.5">
          <Moment at={ended.at} now={now} />
        </dd>
      </dl>
    </li>
  );
}
