import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { listAuditEvents } from "@/server/administration/audit-filter";
import { findUserNames } from "@/server/administration/find-user";
import { listAudit, mostLooked } from "@/server/administration/list-audit";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import { SectionCard } from "@/ui/section-card";
import { AdminFrame } from "../../_components/admin-frame";
import { AuditList } from "../../_components/audit-list";
import { Pager } from "../../_components/pager";
import { addressOf, type Query, valueIn } from "../../_components/query";
import { AuditFilterForm } from "./_components/audit-filter-form";
import { ExportForm } from "./_components/export-form";
import { readFilter } from "./read-filter";

const path = "/admin/audit";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.audit");
  return { title: t("title") };
}

export default async function AuditPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireSession({ roles: adminRoles(), returnTo: path });
  const [t, locale, now, query] = await Promise.all([
    getTranslations("admin.audit"),
    getLocale(),
    getNow(),
    searchParams,
  ]);
  const { fields, filter } = readFilter(query);
  const [before, after] = [valueIn(query, "before"), valueIn(query, "after")];
  const [page, events] = await Promise.all([listAudit(filter, { before, after }), listAuditEvents()]);
  const named = page.rows.flatMap(({ userId, detail }) => [userId, typeof detail.by === "string" ? detail.by : null]);
  const names = await findUserNames(named);
  const isFiltered = Object.values(fields).some((value) => value !== undefined);
  return (
    <AdminFrame current="audit" heading={t("title")} lead={t("lead")}>
      <AuditFilterForm path={path} events={events} fields={fields} isFiltered={isFiltered} />
      <SectionCard
        id="events"
        heading={t(isFiltered ? "found" : "all")}
        action={
          // Newer rows only: the place in the list is kept, and no script is needed.
          page.newer && (
            <a href={addressOf(path, { ...fields, after: page.newer })} className={buttonStyle("secondary")}>
              {t("follow")}
            </a>
          )
        }
      >
        {after && page.rows.length === 0 ? (
          <p role="status" className="px-5 py-6 text-muted sm:px-6">
            {t("nothingNew")}
          </p>
        ) : (
          <AuditList rows={page.rows} names={names} nameOf={(id) => providerName(id, locale)} now={now} />
        )}
        {page.isCut && (
          <div className="px-5 pb-4 sm:px-6">
            <Notice tone="warn" title={t("cut", { count: mostLooked })} />
          </div>
        )}
        <Pager
          label={t("pages")}
          links={[
            { href: before || after ? addressOf(path, fields) : null, label: t("newest") },
            {
              href: page.older && addressOf(path, { ...fields, before: page.older }),
              label: t(page.isCut ? "look" : "older"),
              rel: "next",
            },
          ]}
        />
      </SectionCard>
      <ExportForm fields={fields} />
    </AdminFrame>
  );
}
