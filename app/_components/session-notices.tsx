import { getTranslations } from "next-intl/server";
import { readNotices } from "@/server/accounts/notices";
import { formToken } from "@/server/sessions/cookies/form-token";
import type { ActiveSession } from "@/server/sessions/registry/active-session";
import { buttonStyle } from "@/ui/button-style";
import { Moment } from "@/ui/moment";

/** What a user has to be told on every page, until they dismiss it on this device. Nothing where there is nothing. */
export async function SessionNotices({ session, path }: { session: ActiveSession; path: string }) {
  const notices = await readNotices(session);
  if (!notices) return null;
  const [t, csrfToken] = await Promise.all([getTranslations("account.notices"), formToken("session")]);
  const { isDeletionUndone, newDevices } = notices;
  const isHere = newDevices.every(({ isThisOne }) => isThisOne);
  return (
    <aside aria-label={t("label")} data-notice className="border-warn border-b bg-warn-soft">
      <div className="mx-auto flex w-full max-w-5xl flex-col gap-4 px-5 py-4 sm:flex-row sm:items-center">
        <div className="min-w-0 flex-1 space-y-3 text-[0.9375rem]">
          {newDevices.length > 0 && (
            <div>
              <h2 className="font-semibold text-base">{t("newDevice.title", { count: newDevices.length })}</h2>
              <ul className="mt-0.5">
                {newDevices.map(({ id, name, since }) => (
                  <li key={id} className="wrap-anywhere">
                    <bdi className="font-medium">{name ?? t("newDevice.unknown")}</bdi>{" "}
                    <span aria-hidden="true">·</span> <Moment at={since} />
                  </li>
                ))}
              </ul>
              <p className="mt-0.5">{t(isHere ? "newDevice.here" : "newDevice.there")}</p>
            </div>
          )}
          {isDeletionUndone && (
            <div>
              <h2 className="font-semibold text-base">{t("deletionUndone.title")}</h2>
              <p className="mt-0.5">{t("deletionUndone.body")}</p>
            </div>
          )}
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {newDevices.length > 0 && (
            <a href="/account/activity" className={buttonStyle("secondary")}>
              {t("newDevice.look")}
            </a>
          )}
          <form method="post" action="/api/account/notices/dismiss">
            <input type="hidden" name="csrfToken" value={csrfToken} />
            <input type="hidden" name="returnTo" value={path} />
            <button type="submit" className={buttonStyle("quiet")}>
              {t("dismiss")}
            </button>
          </form>
        </div>
      </div>
    </aside>
  );
}
