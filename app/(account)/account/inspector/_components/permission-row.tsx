import { useTranslations } from "next-intl";
import { Badge } from "@/ui/badge";
import { Breakable } from "@/ui/breakable";
import { IconDisc } from "@/ui/icon-disc";
import type { Permission } from "../permission";
import { FailureWords } from "./failure-words";
import { TokenClaims } from "./token-claims";
import { UsableFacts } from "./usable-facts";

const shapes = {
  resource:
    "M5 4.75h14a1.25 1.25 0 0 1 1.25 1.25v4A1.25 1.25 0 0 1 19 11.25H5A1.25 1.25 0 0 1 3.75 10V6A1.25 1.25 0 0 1 5 4.75zM5 12.75h14A1.25 1.25 0 0 1 20.25 14v4A1.25 1.25 0 0 1 19 19.25H5A1.25 1.25 0 0 1 3.75 18v-4A1.25 1.25 0 0 1 5 12.75zM7.25 8h.1M7.25 16h.1M11 8h5.5M11 16h5.5",
  organization:
    "M4.75 20.25V5a1.25 1.25 0 0 1 1.25-1.25h7A1.25 1.25 0 0 1 14.25 5v15.25M14.25 9.75H18A1.25 1.25 0 0 1 19.25 11v9.25M3 20.25h18M8 7.75h3M8 11.5h3M8 15.25h3",
} satisfies Record<Permission["kind"], string>;

interface PermissionRowProps {
  permission: Permission;
  /** The provider's id. */
  provider: string;
  isToldAbove: boolean;
  now: Date;
}

export function PermissionRow({ permission, provider, isToldAbove, now }: PermissionRowProps) {
  const { kind, id, name, scopeNames, roles, standing } = permission;
  const t = useTranslations("account.inspector");
  const isUsable = standing.state === "usable";
  return (
    <li {...{ [`data-${kind}`]: id }} data-state={standing.state}>
      <div className={`flex gap-4 px-5 pt-5 sm:px-6 sm:pt-6 ${isUsable ? "pb-2" : "pb-5 sm:pb-6"}`}>
        <IconDisc shape={shapes[kind]} />
        <div className="min-w-0 flex-1">
          <div className="flex min-h-11 flex-wrap items-center gap-x-2.5 gap-y-1.5">
            <h3 className="font-semibold text-lg wrap-anywhere">
              <bdi>{name ?? <Breakable text={id} />}</bdi>
            </h3>
            <Badge tone={isUsable ? "good" : "warn"}>{t(`states.${standing.state}`)}</Badge>
          </div>
          <div className="-ml-15 mt-3 text-[0.9375rem] empty:hidden sm:mt-1.5 sm:ml-0">
            {isUsable ? (
              <UsableFacts until={standing.until} scopes={standing.scopes} names={scopeNames} roles={roles} now={now} />
            ) : (
              !isToldAbove && <FailureWords failure={standing} provider={provider} />
            )}
          </div>
        </div>
      </div>
      {isUsable && <TokenClaims of={name ?? id} id={id} claims={standing.claims} />}
    </li>
  );
}
