import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { clockDifferences } from "@/server/administration/clock-differences";
import { listDailyFigures } from "@/server/administration/daily-counts";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { env } from "@/server/settings/env";
import { buttonStyle } from "@/ui/button-style";
import { EmptyPlace } from "@/ui/empty-place";
import { AdminFrame } from "../../_components/admin-frame";
import { ProviderHealth } from "./_components/provider-health";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.providers");
  return { title: t("title") };
}

export default async function ProvidersPage() {
  await requireSession({ roles: adminRoles(), returnTo: "/admin/providers" });
  const [t, locale, days] = await Promise.all([getTranslations("admin.providers"), getLocale(), listDailyFigures()]);
  const configured = env().providers.map(({ id }) => id);
  const known = new Set(configured);
  // Those of before have their past, too.
  const former = days
    .flatMap(({ events }) => events)
    .filter(({ event, provider }) => event.startsWith("sign_in.") && provider !== "" && !known.has(provider))
    .map(({ provider }) => provider);
  const ids = [...known, ...new Set(former)];
  const clocks = await clockDifferences(ids);
  const isCounted = days.some(({ countedAt }) => countedAt !== null);
  return (
    <AdminFrame current="providers" heading={t("title")} lead={t("lead")}>
      <p>
        <a href="/admin/doctor" className={buttonStyle("secondary")}>
          {t("check")}
        </a>
      </p>
      {!isCounted && <EmptyPlace title={t("none.title")} body={t("none.body")} />}
      {isCounted &&
        ids.map((id) => (
          <ProviderHealth
            key={id}
            id={id}
            name={providerName(id, locale)}
            isConfigured={known.has(id)}
            days={days}
            clockSeconds={clocks.get(id) ?? null}
          />
        ))}
    </AdminFrame>
  );
}
