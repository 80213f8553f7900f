import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { RoomFrame } from "./room-frame";

// Only rooms that exist; a new page adds its line and its word in messages/.
const rooms = [
  { id: "profile", href: "/account" },
  { id: "sessions", href: "/account/sessions" },
  { id: "connections", href: "/account/connections" },
  { id: "inspector", href: "/account/inspector" },
] as const;

export type AccountRoom = (typeof rooms)[number]["id"];

interface AccountFrameProps {
  current: AccountRoom;
  heading: string;
  children: ReactNode;
}

/** The account centre around one of its pages. */
export function AccountFrame({ current, heading, children }: AccountFrameProps) {
  const t = useTranslations("account.nav");
  return (
    <RoomFrame
      heading={heading}
      label={t("label")}
      links={rooms.map(({ id, href }) => ({ href, label: t(id), isCurrent: id === current }))}
      exit={{ href: "/sign-out", label: t("signOut") }}
    >
      {children}
    </RoomFrame>
  );
}
