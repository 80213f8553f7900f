import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { NextIntlClientProvider } from "next-intl";
import { getMessages, getTranslations } from "next-intl/server";
import { findService, listServices } from "@/server/services/registry";
import { requireSession } from "@/server/sessions/require-session";
import { RoomFrame } from "../../_components/room-frame";
import { hasRoom, type Room } from "../rooms";
import { NotesRoom } from "./_components/notes-room";
import { ShoppingRoom } from "./_components/shopping-room";
import { StoreRoom } from "./_components/store-room";
import type { RoomProps } from "./room-props";

type PageProps = {
  params: Promise<{ service: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const contents: Record<Room, (props: RoomProps) => Promise<React.ReactNode>> = {
  shopping: ShoppingRoom,
  store: StoreRoom,
  notes: NotesRoom,
};

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const service = findService((await params).service);
  const t = await getTranslations("notFound");
  return { title: service && hasRoom(service.id) ? service.name : t("title") };
}

/** The sample page of a service. A service of yours gets one of its own in the same way. */
export default async function ServicePage({ params, searchParams }: PageProps) {
  const id = (await params).service;
  const session = await requireSession({ returnTo: `/services/${encodeURIComponent(id)}` });
  const service = findService(id);
  if (!service || !hasRoom(service.id)) notFound();
  const [t, messages, query] = await Promise.all([getTranslations("services"), getMessages(), searchParams]);
  const Contents = contents[service.id];
  const neighbours = listServices().filter((other) => hasRoom(other.id));
  return (
    <RoomFrame
      heading={service.name}
      lead={t(`leads.${service.id}`)}
      label={t("nav.label")}
      links={neighbours.map((other) => ({
        href: `/services/${other.id}`,
        label: other.name,
        isCurrent: other.id === id,
      }))}
      exit={{ href: "/account/connections", label: t("nav.connections") }}
    >
      {/* Only what these client components say goes to the browser. */}
      <NextIntlClientProvider messages={{ services: messages.services }} formats={null}>
        <Contents service={service} session={session} query={query} />
      </NextIntlClientProvider>
      <p className="text-muted text-sm">{t("noToken")}</p>
    </RoomFrame>
  );
}
