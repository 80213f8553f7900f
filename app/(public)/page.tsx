import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { providerName } from "@/server/auth/provider-list";
import { listServices } from "@/server/services/registry";
import { getSessionState } from "@/server/sessions/session-state";
import { hasRoom } from "../(account)/services/rooms";
import { HomeSignedIn } from "./_components/home-signed-in";
import { HomeSignedOut } from "./_components/home-signed-out";

export async function generateMetadata(): Promise<Metadata> {
  const [t, state] = await Promise.all([getTranslations("home"), getSessionState()]);
  return { title: state.kind === "active" ? t("signedIn.title") : t("title") };
}

export default async function HomePage() {
  const state = await getSessionState();
  if (state.kind !== "active") return <HomeSignedOut unavailable={state.kind === "unavailable"} />;
  const { user, provider } = state.session;
  const services = listServices().filter(({ id }) => hasRoom(id));
  return (
    <HomeSignedIn
      name={user.name ?? user.email}
      providerName={providerName(provider)}
      services={services.map(({ id, name }) => ({ id, name }))}
    />
  );
}
