import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { SectionFrame } from "@/ui/section-frame";

const sections = [
  { id: "overview", href: "/admin" },
  { id: "users", href: "/admin/users" },
  { id: "sessions", href: "/admin/sessions" },
  { id: "audit", href: "/admin/audit" },
  { id: "providers", href: "/admin/providers" },
  { id: "doctor", href: "/admin/doctor" },
] as const;

export type AdminSection = (typeof sections)[number]["id"];

interface AdminFrameProps {
  current: AdminSection;
  heading: ReactNode;
  lead?: string;
  children: ReactNode;
}

/** Administration around one of its pages. */
export function AdminFrame({ current, heading, lead, children }: AdminFrameProps) {
  const t = useTranslations("admin.nav");
  return (
    <SectionFrame
      heading={heading}
      {...(lead !== undefined && { lead })}
      label={t("label")}
      links={sections.map(({ id, href }) => ({ href, label: t(id), isCurrent: id === current }))}
      exit={{ href: "/account", label: t("account") }}
    >
      {children}
    </SectionFrame>
  );
}
