import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { listLiveSessions, listOrigins } from "@/server/administration/list-live-sessions";
import { providerName } from "@/server/auth/provider-list";
import { formToken } from "@/server/sessions/cookies/form-token";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import { SectionCard } from "@/ui/section-card";
import { AdminFrame } from "../../_components/admin-frame";
import { ChoiceField, FilterForm } from "../../_components/fields";
import { Pager } from "../../_components/pager";
import { addressOf, type Query, valueIn } from "../../_components/query";
import { SessionList } from "../../_components/session-list";

const path = "/admin/sessions";
// A device that is not known has no words.
const unknown = "-";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.sessions");
  return { title: t("title") };
}

export default async function SessionsPage({ searchParams }: { searchParams: Promise<Query> }) {
  const session = await requireSession({ roles: adminRoles(), returnTo: path });
  const [t, locale, now, query, csrfToken, origins] = await Promise.all([
    getTranslations("admin.sessions"),
    getLocale(),
    getNow(),
    searchParams,
    formToken("session"),
    listOrigins(),
  ]);
  const [provider, device, after] = [valueIn(query, "provider"), valueIn(query, "device"), valueIn(query, "after")];
  const filter = { provider, device: device === unknown ? "" : device };
  const page = await listLiveSessions(filter, origins, { after });
  const nameOf = (id: string) => providerName(id, locale);
  const choices = (all: string[], label: (value: string) => string) =>
    [...new Set(all)]
      .map((value) => ({ value: value || unknown, label: label(value) }))
      .sort((a, b) => a.label.localeCompare(b.label, locale));
  return (
    <AdminFrame current="sessions" heading={t("title")} lead={t("lead")}>
      {query.ended === "1" && <Notice tone="calm" title={t("ended")} />}
      <FilterForm action={path} label={t("filter.label")}>
        <ChoiceField
          label={t("filter.provider")}
          name="provider"
          value={provider}
          none={t("filter.any")}
          options={choices(
            origins.map((origin) => origin.provider),
            nameOf,
          )}
        />
        <ChoiceField
          label={t("filter.device")}
          name="device"
          value={device}
          none={t("filter.any")}
          options={choices(
            origins.map((origin) => origin.device),
            (value) => value || t("deviceUnknown"),
          )}
        />
        <div className="flex flex-wrap gap-3 sm:col-span-2">
          <button type="submit" className={buttonStyle("primary")}>
            {t("filter.apply")}
          </button>
          {(provider || device) && (
            <a href={path} className={buttonStyle("secondary")}>
              {t("filter.clear")}
            </a>
          )}
        </div>
      </FilterForm>
      <SectionCard id="live" heading={t("list")}>
        <SessionList
          sessions={page.sessions}
          csrfToken={csrfToken}
          returnTo={null}
          current={session.id}
          now={now}
          nameOf={nameOf}
        />
        <Pager
          label={t("pages")}
          links={[
            { href: after ? addressOf(path, { provider, device }) : null, label: t("first") },
            {
              href: page.next && addressOf(path, { provider, device, after: page.next }),
              label: t("next"),
              rel: "next",
            },
          ]}
        />
      </SectionCard>
    </AdminFrame>
  );
}
