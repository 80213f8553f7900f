import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { SectionFrame } from "@/ui/section-frame";

// Only rooms that exist; a new page adds its line and its word in messages/.
const sections = [
  { id: "profile", href: "/account" },
  { id: "sessions", href: "/account/sessions" },
  { id: "activity", href: "/account/activity" },
  { id: "connections", href: "/account/connections" },
  { id: "inspector", href: "/account/inspector" },
  { id: "data", href: "/account/data" },
] as const;

export type AccountSection = (typeof sections)[number]["id"];

interface AccountFrameProps {
  current: AccountSection;
  heading: string;
  children: ReactNode;
}

/** The account centre around one of its pages. */
export function AccountFrame({ current, heading, children }: AccountFrameProps) {
  const t = useTranslations("account.nav");
  return (
    <SectionFrame
      heading={heading}
      label={t("label")}
      links={sections.map(({ id, href }) => ({ href, label: t(id), isCurrent: id === current }))}
      exit={{ href: "/sign-out", label: t("signOut") }}
    >
      {children}
    </SectionFrame>
  );
}
