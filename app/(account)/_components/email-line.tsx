import { useTranslations } from "next-intl";
import { Badge } from "@/ui/badge";

export function EmailLine({ email, verified }: { email: string | null; verified: boolean }) {
  const t = useTranslations("account");
  if (!email) return <p className="mt-1 text-muted">{t("noEmail")}</p>;
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1.5">
      <bdi className="text-muted wrap-anywhere">{email}</bdi>
      <Badge tone={verified ? "good" : "warn"}>{t(verified ? "emailVerified" : "emailUnverified")}</Badge>
    </p>
  );
}
