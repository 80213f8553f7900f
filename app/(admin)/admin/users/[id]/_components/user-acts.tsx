import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { UserDetails } from "@/server/administration/find-user";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";

interface UserActsProps {
  user: UserDetails;
  /** Whether it is the administrator's own account, which they neither disable nor delete here. */
  isSelf: boolean;
  csrfToken: string;
}

/** What an administrator may do to a user. Each asks for a recent sign-in. */
export function UserActs({ user: { id, disabledAt, sessions }, isSelf, csrfToken }: UserActsProps) {
  const t = useTranslations("admin.user.acts");
  const form = { id, csrfToken };
  return (
    <SectionCard id="acts" heading={t("heading")} lead={t("lead")}>
      <ul className="mt-4 divide-y divide-line border-line border-t">
        {sessions.length > 0 && (
          <Act {...form} act="end-sessions" label={t("endSessions.label")} body={t("endSessions.body")} />
        )}
        {disabledAt ? (
          <Act {...form} act="enable" label={t("enable.label")} body={t("enable.body")} />
        ) : (
          !isSelf && <Act {...form} act="disable" label={t("disable.label")} body={t("disable.body")} />
        )}
        {isSelf ? (
          <li className="px-5 py-4 text-muted sm:px-6">{t("self")}</li>
        ) : (
          <Act {...form} act="delete" label={t("delete.label")} body={t("delete.body")}>
            <label className="flex min-h-11 cursor-pointer items-center gap-2.5">
              <input type="checkbox" name="sure" value="yes" required className="size-5 accent-accent" />
              {t("delete.sure")}
            </label>
          </Act>
        )}
      </ul>
    </SectionCard>
  );
}

interface ActProps {
  id: string;
  csrfToken: string;
  act: string;
  label: string;
  body: string;
  /** What is asked for besides. */
  children?: ReactNode;
}

function Act({ id, csrfToken, act, label, body, children }: ActProps) {
  const described = `act-${act}`;
  return (
    <li className="px-5 py-4 sm:px-6">
      <form
        method="post"
        action={`/api/admin/users/${act}`}
        data-act={act}
        className="grid items-center gap-x-6 gap-y-3 sm:grid-cols-[minmax(0,1fr)_auto]"
      >
        <input type="hidden" name="csrfToken" value={csrfToken} />
        <input type="hidden" name="user" value={id} />
        <div>
          <h3 className="font-semibold">{label}</h3>
          <p id={described} className="text-muted">
            {body}
          </p>
          {children}
        </div>
        <button
          type="submit"
          aria-describedby={described}
          className={buttonStyle("secondary", "w-full sm:w-auto sm:min-w-32")}
        >
          {label}
        </button>
      </form>
    </li>
  );
}
