import { useTranslations } from "next-intl";
import { Badge } from "@/ui/badge";
import { buttonStyle } from "@/ui/button-style";
import { ProviderBadge } from "@/ui/provider-badge";
import { SectionCard } from "@/ui/section-card";

/** With what this session was signed in; the page behind it has the others. */
export function SignInMethods({ provider }: { provider: { name: string; type: string } }) {
  const t = useTranslations("account.methods");
  return (
    <SectionCard
      id="methods"
      heading={t("heading")}
      action={
        <a href="/account/identities" className={buttonStyle("quiet", "-my-2 -mr-5")}>
          {t("manage")}
        </a>
      }
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2 px-5 pt-3 pb-5 sm:px-6 sm:pb-6">
        <ProviderBadge type={provider.type} name={provider.name} />
        <span className="font-medium wrap-anywhere">{provider.name}</span>
        <Badge tone="good">{t("inUse")}</Badge>
      </p>
    </SectionCard>
  );
}
