import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { Name } from "@/ui/name";
import { SectionCard } from "@/ui/section-card";

interface IncludedServicesProps {
  /** `href` is null where the service has no page here. */
  services: { id: string; name: string; href: string | null }[];
}

/** Services that ask for no connecting. */
export function IncludedServices({ services }: IncludedServicesProps) {
  const t = useTranslations("account.connections");
  return (
    <SectionCard id="included" heading={t("included.heading")} lead={t("included.lead")}>
      <ul className="mt-4 divide-y divide-line border-line border-t">
        {services.map(({ id, name, href }) => (
          <li key={id} data-service={id} className="flex min-h-14 items-center justify-between gap-4 px-5 sm:px-6">
            <Name className="font-medium wrap-anywhere">{name}</Name>
            {href && (
              <a
                href={href}
                aria-label={t("actionOn", { action: t("open"), service: name })}
                className={buttonStyle("quiet", "-mr-5")}
              >
                {t("open")}
              </a>
            )}
          </li>
        ))}
      </ul>
    </SectionCard>
  );
}
