import type { Metadata } from "next";
import { getFormatter, getLocale, getNow, getTranslations } from "next-intl/server";
import { listActivity } from "@/server/accounts/activity";
import { nameOf } from "@/server/accounts/names";
import { describeProvider } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { countJustEnded } from "@/server/sessions/registry/list-sessions";
import { buttonStyle } from "@/ui/button-style";
import { DayGroups } from "@/ui/day-groups";
import { EmptyPlace } from "@/ui/empty-place";
import { dayFormat } from "@/ui/moment-format";
import { Notice } from "@/ui/notice";
import { AccountFrame } from "../../_components/account-frame";
import { ActivityRow } from "./_components/activity-row";
import { WhatNext } from "./_components/what-next";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.activity");
  return { title: t("title") };
}

export default async function ActivityPage({ searchParams }: PageQuery) {
  const session = await requireSession({ returnTo: "/account/activity" });
  const [t, locale, now, format, query, csrfToken] = await Promise.all([
    getTranslations("account.activity"),
    getLocale(),
    getNow(),
    getFormatter(),
    searchParams,
    formToken("session"),
  ]);
  const before = typeof query.before === "string" ? query.before : undefined;
  const [{ activities, next, isFirst }, justEnded] = await Promise.all([
    listActivity(session, { before, now: new Date() }),
    query.ended === "1" ? countJustEnded(session.user.id, now) : null,
  ]);
  const items = activities.map((activity) => ({
    key: activity.key,
    at: activity.at.toISOString(),
    day: format.dateTime(activity.at, dayFormat),
    node: (
      <ActivityRow
        activity={activity}
        names={{ provider: nameOf(activity.provider, locale), service: nameOf(activity.service, locale) }}
        csrfToken={csrfToken}
      />
    ),
  }));
  const ended = justEnded === 0 ? "gone" : "ended";
  return (
    <AccountFrame current="activity" heading={t("title")}>
      {justEnded !== null && (
        <Notice tone="calm" title={t(`notice.${ended}`)}>
          <p>{t(`notice.${ended}Body`)}</p>
        </Notice>
      )}
      {justEnded !== null && <WhatNext provider={describeProvider(session.provider, locale)} />}
      <p className="text-muted">{t("lead")}</p>
      {items.length > 0 ? (
        <DayGroups locale={locale} items={items} />
      ) : (
        <EmptyPlace title={t(isFirst ? "none.title" : "end.title")} body={t(isFirst ? "none.body" : "end.body")} />
      )}
      {(next || !isFirst) && (
        <nav aria-label={t("title")} className="flex flex-wrap gap-3">
          {next && (
            <a href={`/account/activity?before=${next}`} className={buttonStyle("secondary")}>
              {t("older")}
            </a>
          )}
          {!isFirst && (
            <a href="/account/activity" className={buttonStyle("quiet")}>
              {t("newest")}
            </a>
          )}
        </nav>
      )}
      {justEnded === null && <WhatNext provider={describeProvider(session.provider, locale)} />}
    </AccountFrame>
  );
}
