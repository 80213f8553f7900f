import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { listServices } from "@/server/services/registry";
import { readSession } from "@/server/sessions/registry/session-state";
import { serviceName } from "@/server/settings/labels";
import { HomeSignedIn } from "./_components/home-signed-in";
import { HomeSignedOut } from "./_components/home-signed-out";

export async function generateMetadata(): Promise<Metadata> {
  const [t, state] = await Promise.all([getTranslations("home"), readSession()]);
  return { title: state.kind === "active" ? t("signedIn.title") : t("title") };
}

export default async function HomePage() {
  const state = await readSession();
  if (state.kind !== "active") return <HomeSignedOut unavailable={state.kind === "unavailable"} />;
  const { user, provider: id } = state.session;
  const locale = await getLocale();
  const provider = providerName(id, locale);
  const services = listServices().flatMap((service) =>
    service.page ? [{ name: serviceName(service, locale), href: service.page }] : [],
  );
  return <HomeSignedIn name={user.name ?? user.email} providerName={provider} services={services} />;
}
