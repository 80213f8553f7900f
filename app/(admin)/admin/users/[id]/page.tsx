import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { findUserDetails, findUserNames } from "@/server/administration/find-user";
import { listAudit } from "@/server/administration/list-audit";
import { providerName } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { Notice } from "@/ui/notice";
import { SectionCard } from "@/ui/section-card";
import { AdminFrame } from "../../../_components/admin-frame";
import { AuditList } from "../../../_components/audit-list";
import { Pager } from "../../../_components/pager";
import { addressOf, type Query, valueIn } from "../../../_components/query";
import { SessionList } from "../../../_components/session-list";
import { UserState } from "../../../_components/user-line";
import { Connections } from "./_components/connections";
import { Identities } from "./_components/identities";
import { UserActs } from "./_components/user-acts";
import { UserFacts } from "./_components/user-facts";
import { UserNote } from "./_components/user-note";
import { justDone } from "./just-done";

interface PageInput {
  params: Promise<{ id: string }>;
  searchParams: Promise<Query>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.user");
  return { title: t("title") };
}

export default async function UserPage({ params, searchParams }: PageInput) {
  const { id } = await params;
  const session = await requireSession({ roles: adminRoles(), returnTo: `/admin/users/${id}` });
  const user = await findUserDetails(id);
  if (!user) notFound();
  const [t, locale, now, query, csrfToken, trail] = await Promise.all([
    getTranslations("admin.user"),
    getLocale(),
    getNow(),
    searchParams,
    formToken("session"),
    listAudit({ user: id }, { most: 25 }),
  ]);
  const nameOf = (provider: string) => providerName(provider, locale);
  const done = query.done === "1" ? justDone(trail.rows, session.hash, now) : null;
  const names = await findUserNames(trail.rows.map(({ detail }) => (typeof detail.by === "string" ? detail.by : null)));
  return (
    <AdminFrame current="users" heading={<bdi>{user.name ?? user.email ?? t("nameless")}</bdi>}>
      <p className="flex flex-wrap gap-2">
        <UserState isDisabled={user.disabledAt !== null} isAdmin={user.adminBy !== null} />
      </p>
      {done && <Notice tone="calm" title={t(`done.${done}`)} />}
      {valueIn(query, "confirmed") === "1" && <Notice tone="calm" title={t("confirmed")} />}
      <UserFacts user={user} now={now} />
      <Identities identities={user.identities} nameOf={nameOf} now={now} />
      <SectionCard
        id="sessions"
        heading={t("sessions.heading", { count: user.sessions.length })}
        lead={t(user.hasMoreSessions ? "sessions.more" : "sessions.lead")}
      >
        <SessionList
          sessions={user.sessions}
          csrfToken={csrfToken}
          returnTo={id}
          current={session.id}
          now={now}
          nameOf={nameOf}
        />
      </SectionCard>
      <Connections connections={user.connections} now={now} />
      <UserNote id={id} note={user.note} csrfToken={csrfToken} />
      <UserActs user={user} isSelf={user.id === session.user.id} csrfToken={csrfToken} />
      <SectionCard id="trail" heading={t("trail.heading")} lead={t("trail.lead")}>
        <AuditList rows={trail.rows} names={names} nameOf={nameOf} now={now} hidesUser />
        <Pager
          label={t("trail.heading")}
          links={[{ href: trail.older && addressOf("/admin/audit", { user: id }), label: t("trail.all"), rel: "next" }]}
        />
      </SectionCard>
    </AdminFrame>
  );
}
