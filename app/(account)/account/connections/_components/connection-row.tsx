import { useTranslations } from "next-intl";
import type { Connection } from "@/server/services/connections";
import { Badge } from "@/ui/badge";
import { buttonStyle } from "@/ui/button-style";
import { ConnectForm } from "@/ui/connect-form";
import { IconDisc } from "@/ui/icon-disc";
import { Name } from "@/ui/name";
import { ConnectionFacts } from "./connection-facts";

export interface ConnectableRow {
  id: string;
  name: string;
  /** The host that connecting leads to. */
  host: string;
  scopes: readonly string[];
  optionalScopes: readonly string[];
  /** What people call its scopes. */
  scopeNames: Readonly<Record<string, string>>;
  /** The path of its page, where it has one. */
  page: string | null;
}

interface ConnectionRowProps {
  service: ConnectableRow;
  connection: Connection | null;
  csrfToken: string;
  /** Where connecting ends. */
  returnTo: string;
  now: Date;
}

// Two links of a chain.
const shape =
  "M10.2 13.8a3.9 3.9 0 0 0 5.5 0l3-3a3.9 3.9 0 0 0-5.5-5.5l-1.3 1.3M13.8 10.2a3.9 3.9 0 0 0-5.5 0l-3 3a3.9 3.9 0 0 0 5.5 5.5l1.3-1.3";

export function ConnectionRow({ service, connection, csrfToken, returnTo, now }: ConnectionRowProps) {
  const { id, name } = service;
  const t = useTranslations("account.connections");
  const missing = service.optionalScopes.filter((scope) => !connection?.scopes.includes(scope));
  const named = (action: string) => t("actionOn", { action, service: name });
  const form = { service: id, host: service.host, csrfToken, returnTo };
  return (
    <li data-service={id} id={id} className="grid gap-x-6 gap-y-5 p-5 sm:p-6 lg:grid-cols-[minmax(0,1fr)_auto]">
      <div className="flex min-w-0 gap-4">
        <IconDisc shape={shape} emphasised={connection !== null} />
        <div className="min-w-0 flex-1">
          <div className="flex min-h-11 flex-wrap items-center gap-x-2.5 gap-y-1.5">
            <h3 className="font-semibold text-lg wrap-anywhere">
              {service.page ? (
                <a href={service.page} className="underline-offset-4 hover:underline">
                  <Name>{name}</Name>
                </a>
              ) : (
                <Name>{name}</Name>
              )}
            </h3>
            <Badge tone={connection ? "good" : "plain"}>{t(connection ? "connected" : "notConnected")}</Badge>
          </div>
          <ConnectionFacts
            connection={connection}
            scopes={service.scopes}
            missing={missing}
            names={service.scopeNames}
            now={now}
          />
        </div>
      </div>
      <div className="flex flex-col gap-3 sm:flex-row sm:flex-wrap lg:w-36 lg:flex-col">
        {!connection && <ConnectForm {...form} label={t("connect")} name={named(t("connect"))} />}
        {connection && missing.length > 0 && (
          <ConnectForm {...form} more label={t("askForMore")} name={named(t("askForMore"))} />
        )}
        {connection && (
          <form method="post" action={`/api/connect/${id}/disconnect`} data-action="disconnect">
            <input type="hidden" name="csrfToken" value={csrfToken} />
            <button type="submit" aria-label={named(t("disconnect"))} className={buttonStyle("secondary", "w-full")}>
              {t("disconnect")}
            </button>
          </form>
        )}
      </div>
    </li>
  );
}
