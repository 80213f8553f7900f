import { useTranslations } from "next-intl";
import type { LiveSession } from "@/server/administration/live-session";
import { Badge } from "@/ui/badge";
import { buttonStyle } from "@/ui/button-style";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { UserLink } from "./user-line";

interface SessionListProps {
  sessions: (LiveSession & { user?: { id: string; name: string | null; email: string | null } })[];
  csrfToken: string;
  /** The id of the user whose page this is; null on the list of all. */
  returnTo: string | null;
  /** The administrator's own session, which they end by signing out. */
  current: string;
  now: Date;
  nameOf: (provider: string) => string;
}

export function SessionList({ sessions, csrfToken, returnTo, current, now, nameOf }: SessionListProps) {
  const t = useTranslations("admin.sessions");
  if (sessions.length === 0) {
    return (
      <div className="p-5 sm:p-6">
        <EmptyPlace title={t("none.title")} body={t("none.body")} />
      </div>
    );
  }
  return (
    <ul className="mt-4 divide-y divide-line border-line border-t">
      {sessions.map(({ id, user, provider, device, place, createdAt, lastActiveAt, rememberMe, isOver }) => {
        const facts = `facts-${id}`;
        return (
          <li
            key={id}
            data-session={id}
            className="grid items-center gap-x-6 gap-y-3 px-5 py-4 sm:grid-cols-[minmax(0,1fr)_auto] sm:px-6"
          >
            <div id={facts} className="min-w-0">
              <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                {user && <UserLink {...user} />}
                <span className={user ? "text-muted" : "font-semibold"}>{device ?? t("deviceUnknown")}</span>
                {rememberMe && <Badge tone="plain">{t("kept")}</Badge>}
                {isOver && <Badge tone="warn">{t("over")}</Badge>}
                {id === current && <Badge tone="good">{t("yours")}</Badge>}
              </p>
              <p className="text-muted text-sm wrap-anywhere">
                {t("via", { provider: nameOf(provider) })}
                {" · "}
                {place.kind === "network" ? <bdi>{place.address}</bdi> : t(`place.${place.kind}`)}
              </p>
              <dl className="mt-1 flex flex-wrap gap-x-6 gap-y-1 text-sm">
                <div>
                  <dt className="text-muted">{t("lastActive")}</dt>
                  <dd>
                    <Moment at={lastActiveAt} now={now} />
                  </dd>
                </div>
                <div>
                  <dt className="text-muted">{t("signedIn")}</dt>
                  <dd>
                    <Moment at={createdAt} now={now} />
                  </dd>
                </div>
              </dl>
            </div>
            {id !== current && (
              <form method="post" action="/api/admin/sessions/end">
                <input type="hidden" name="csrfToken" value={csrfToken} />
                <input type="hidden" name="session" value={id} />
                {returnTo !== null && <input type="hidden" name="user" value={returnTo} />}
                <button type="submit" aria-describedby={facts} className={buttonStyle("secondary", "w-full sm:w-auto")}>
                  {t("end")}
                </button>
              </form>
            )}
          </li>
        );
      })}
    </ul>
  );
}
