import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getMessages, getTranslations } from "next-intl/server";
import { getService, getServices, requireSession, serviceName } from "@/auth";
import { SectionFrame } from "@/ui/section-frame";
import { hasServicePage, type ServicePageId } from "../service-pages";
import { NotesPage } from "./_components/notes-page";
import { ShoppingPage } from "./_components/shopping-page";
import { StorePage } from "./_components/store-page";
import type { ServicePageProps } from "./service-page-props";

type PageProps = {
  params: Promise<{ service: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const contents: Record<ServicePageId, (props: ServicePageProps) => Promise<React.ReactNode>> = {
  shopping: ShoppingPage,
  store: StorePage,
  notes: NotesPage,
};

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const id = (await params).service;
  const service = getService(id);
  const [t, locale] = await Promise.all([getTranslations("notFound"), getLocale()]);
  return { title: service && hasServicePage(id) ? serviceName(service, locale) : t("title") };
}

/** The sample page of a service. A service of yours gets one of its own in the same way. */
export default async function ServicePage({ params, searchParams }: PageProps) {
  const id = (await params).service;
  const session = await requireSession({ returnTo: `/services/${encodeURIComponent(id)}` });
  const service = getService(id);
  if (!service || !hasServicePage(id)) notFound();
  const [t, locale, messages, query] = await Promise.all([
    getTranslations("services"),
    getLocale(),
    getMessages(),
    searchParams,
  ]);
  const Contents = contents[id];
  const neighbours = getServices().filter((other) => hasServicePage(other.id));
  return (
    <SectionFrame
      heading={serviceName(service, locale)}
      lead={t(`leads.${id}`)}
      label={t("nav.label")}
      links={neighbours.map((other) => ({
        href: `/services/${other.id}`,
        label: serviceName(other, locale),
        isCurrent: other.id === service.id,
      }))}
      exit={{ href: "/account/connections", label: t("nav.connections") }}
    >
      {/* Only what these client components say goes to the browser. */}
      <NextIntlClientProvider messages={{ services: messages.services }} formats={null}>
        <Contents service={service} session={session} query={query} />
      </NextIntlClientProvider>
      <p className="text-muted text-sm">{t("noToken")}</p>
    </SectionFrame>
  );
}
