import { useTranslations } from "next-intl";
import { Badge } from "@/ui/badge";

export interface GivenEmail {
  address: string | null;
  isVerified: boolean;
  /** The name of the provider that vouches for it; null where that was another one than this session's. */
  vouchedBy: string | null;
}

export function EmailLine({ address, isVerified, vouchedBy }: GivenEmail) {
  const t = useTranslations("account");
  if (!address) return <p className="mt-1 text-muted">{t("noEmail")}</p>;
  const badge = isVerified ? "emailVerified" : "emailUnverified";
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
      <bdi className="text-muted wrap-anywhere">{address}</bdi>
      <Badge tone={isVerified ? "good" : "warn"}>
        {isVerified && vouchedBy !== null ? t("emailVerifiedBy", { provider: vouchedBy }) : t(badge)}
      </Badge>
    </p>
  );
}
