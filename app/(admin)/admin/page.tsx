import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import { countOf, listDailyFigures } from "@/server/administration/daily-counts";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { AdminFrame } from "../_components/admin-frame";
import { DailyBars } from "../_components/daily-bars";
import { isFailed, isRefused, isSucceeded, refreshFailed, signInSeries } from "../_components/sign-in-series";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.overview");
  return { title: t("title") };
}

export default async function OverviewPage() {
  await requireSession({ roles: adminRoles(), returnTo: "/admin" });
  const [t, format, days] = await Promise.all([getTranslations("admin.overview"), getFormatter(), listDailyFigures()]);
  const today = days.at(-1);
  // What was counted last, even if that was yesterday.
  const users = days.findLast((day) => day.users !== null)?.users ?? null;
  const sessions = days.findLast((day) => day.sessions !== null)?.sessions ?? null;
  const events = today?.countedAt ? today.events : null;
  const figures = [
    { label: t("users"), value: users, href: "/admin/users" },
    { label: t("sessions"), value: sessions, href: "/admin/sessions" },
    {
      label: t("signIns"),
      value: events && countOf(events, isSucceeded),
      href: "/admin/audit?event=sign_in.succeeded",
    },
    { label: t("failures"), value: events && countOf(events, isFailed), href: "/admin/audit?event=sign_in.failed" },
  ];
  const isCounted = days.some(({ countedAt }) => countedAt !== null);
  return (
    <AdminFrame current="overview" heading={t("title")} lead={t("lead")}>
      <dl aria-label={t("figures")} className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {figures.map(({ label, value, href }) => (
          <div key={href} className="relative rounded-xl border border-line bg-surface p-4 hover:border-accent sm:p-5">
            <dt className="text-muted text-sm">
              <a href={href} className="after:absolute after:inset-0 after:rounded-xl">
                {label}
              </a>
            </dt>
            <dd className="mt-1 font-bold text-2xl tabular-nums sm:text-3xl">
              {value === null ? (
                <span className="font-normal text-base text-muted">{t("notCounted")}</span>
              ) : (
                format.number(value)
              )}
            </dd>
          </div>
        ))}
      </dl>
      {today?.countedAt && (
        <p className="flex flex-wrap items-baseline gap-x-2 text-muted text-sm">
          {t("counted")} <Moment at={today.countedAt} />
        </p>
      )}
      {!isCounted && <EmptyPlace title={t("none.title")} body={t("none.body")} />}
      {isCounted && (
        <>
          <DailyBars
            id="sign-ins"
            heading={t("plots.signIns.heading")}
            lead={t("plots.signIns.lead")}
            series={signInSeries(t)}
            days={days.map(({ day, events: all, countedAt }) => ({
              day,
              values: countedAt && [isSucceeded, isFailed, isRefused].map((fits) => countOf(all, fits)),
            }))}
          />
          <DailyBars
            id="active-sessions"
            heading={t("plots.sessions.heading")}
            lead={t("plots.sessions.lead")}
            series={[{ id: "most", label: t("plots.sessions.most"), tone: "good" }]}
            isSum={false}
            days={days.map(({ day, mostSessions }) => ({ day, values: mostSessions === null ? null : [mostSessions] }))}
          />
          <DailyBars
            id="refreshes"
            heading={t("plots.refreshes.heading")}
            lead={t("plots.refreshes.lead")}
            series={[{ id: "failed", label: t("plots.refreshes.failed"), tone: "danger" }]}
            days={days.map(({ day, events: all, countedAt }) => ({
              day,
              values: countedAt && [countOf(all, refreshFailed)],
            }))}
          />
          <DailyBars
            id="sign-in-times"
            heading={t("plots.times.heading")}
            lead={t("plots.times.lead")}
            series={[
              { id: "median", label: t("plots.times.median"), tone: "good" },
              { id: "p95", label: t("plots.times.p95"), tone: "warn" },
            ]}
            isSum={false}
            days={days.map(({ day, signInTimes }) => ({
              day,
              values: signInTimes && [signInTimes.median, signInTimes.p95 - signInTimes.median],
              shown: signInTimes && [signInTimes.median, signInTimes.p95],
            }))}
          />
        </>
      )}
    </AdminFrame>
  );
}
