import { useTranslations } from "next-intl";
import { Badge } from "@/ui/badge";

/** A user's name, or what stands in its place, as a link to their page. */
export function UserLink({ id, name, email }: { id: string; name: string | null; email?: string | null }) {
  const t = useTranslations("admin");
  const shown = name ?? email;
  return (
    <a href={`/admin/users/${id}`} className="font-medium text-accent underline-offset-4 wrap-anywhere hover:underline">
      {shown ? <bdi>{shown}</bdi> : t("nameless", { id: id.slice(0, 8) })}
    </a>
  );
}

/** Whether a user may sign in, and whether they administer. */
export function UserState({ isDisabled, isAdmin }: { isDisabled: boolean; isAdmin: boolean }) {
  const t = useTranslations("admin.states");
  return (
    <>
      <Badge tone={isDisabled ? "danger" : "good"}>{t(isDisabled ? "disabled" : "active")}</Badge>
      {isAdmin && <Badge tone="warn">{t("admin")}</Badge>}
    </>
  );
}
