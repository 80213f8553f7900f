import { useTranslations } from "next-intl";
import { ConnectForm } from "@/ui/connect-form";
import { ScopeChips } from "@/ui/scope-chips";
import { SectionCard } from "@/ui/section-card";

interface ConnectFirstProps {
  /** The service's id. */
  service: string;
  host: string | null;
  serviceName: string;
  scopes: readonly string[];
  csrfToken: string;
  returnTo: string;
}

/** Stands in the place of a service that the person has not connected. */
export function ConnectFirst({ service, host, serviceName, scopes, csrfToken, returnTo }: ConnectFirstProps) {
  const t = useTranslations("services.notes.connect");
  const named = { service: serviceName };
  return (
    <SectionCard id="connect" heading={t("heading", named)} lead={t("body", named)}>
      <div className="space-y-5 p-5 sm:p-6">
        <div>
          <h3 className="text-muted text-sm">{t("asks")}</h3>
          <div className="mt-2">
            <ScopeChips scopes={scopes} label={t("asks")} />
          </div>
        </div>
        <div className="flex">
          <ConnectForm
            service={service}
            host={host}
            csrfToken={csrfToken}
            returnTo={returnTo}
            label={t("action", named)}
          />
        </div>
        <p className="text-muted text-sm">{t("later")}</p>
      </div>
    </SectionCard>
  );
}
