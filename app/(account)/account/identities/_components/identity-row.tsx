import { useTranslations } from "next-intl";
import type { ListedIdentity } from "@/server/auth/linking/list-identities";
import type { ProviderLabel } from "@/server/auth/provider-list";
import { Badge } from "@/ui/badge";
import { Moment } from "@/ui/moment";
import { Name } from "@/ui/name";
import { ProviderBadge } from "@/ui/provider-badge";
import { RemoveMethod } from "./remove-method";

interface IdentityRowProps {
  identity: ListedIdentity;
  provider: ProviderLabel;
  csrfToken: string;
  now: Date;
}

const term = "mt-2.5 text-muted first:mt-0 sm:mt-0";

export function IdentityRow({ identity, provider, csrfToken, now }: IdentityRowProps) {
  const { email, emailVerified, addedAt, lastUsedAt, isCurrent, isUsable, isRemovable } = identity;
  const { id, name, type } = provider;
  const t = useTranslations("account.identities");
  const tAddress = useTranslations("account");
  return (
    <li data-identity={id} className="flex gap-4 p-5 sm:p-6">
      <div className="pt-1.5">
        <ProviderBadge type={type} name={name} />
      </div>
      <div className="min-w-0 flex-1">
        <div className="flex min-h-11 flex-wrap items-center gap-x-2.5 gap-y-1.5">
          <h3 className="font-semibold text-lg wrap-anywhere">
            <Name>{name}</Name>
          </h3>
          {isCurrent && <Badge tone="good">{t("current")}</Badge>}
          {!isUsable && <Badge tone="warn">{t("unusable")}</Badge>}
        </div>
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1.5 text-muted">
          {email === null ? t("noEmail") : <bdi className="wrap-anywhere">{email}</bdi>}
          {email !== null && (
            <Badge tone={emailVerified ? "plain" : "warn"}>
              {tAddress(emailVerified ? "emailVerified" : "emailUnverified")}
            </Badge>
          )}
        </p>
        {!isUsable && <p className="mt-2 text-[0.9375rem]">{t("unusableBody", { provider: name })}</p>}
        <dl className="-ml-12 mt-4 grid gap-x-8 text-[0.9375rem] sm:ml-0 sm:grid-cols-2">
          <div className="min-w-0">
            <dt className={term}>{t("added")}</dt>
            <dd>
              <Moment at={addedAt} now={now} />
            </dd>
          </div>
          <div className="min-w-0">
            <dt className={`${term} max-sm:mt-3!`}>{t("lastUsed")}</dt>
            <dd>{lastUsedAt ? <Moment at={lastUsedAt} now={now} /> : t("neverUsed")}</dd>
          </div>
        </dl>
        <div className="-ml-12 mt-3 sm:ml-0">
          {isRemovable ? (
            <RemoveMethod provider={provider} isCurrent={isCurrent} csrfToken={csrfToken} />
          ) : (
            <p className="text-muted text-sm">{t("last")}</p>
          )}
        </div>
      </div>
    </li>
  );
}
