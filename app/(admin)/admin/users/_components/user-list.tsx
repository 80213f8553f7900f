import { useTranslations } from "next-intl";
import { type ListedUser, mostCounted } from "@/server/administration/list-users";
import { Avatar } from "@/ui/avatar";
import { Moment } from "@/ui/moment";
import { UserLink, UserState } from "../../../_components/user-line";

interface UserListProps {
  users: ListedUser[];
  /** By the provider's id. */
  providerNames: ReadonlyMap<string, string>;
  now: Date;
}

export function UserList({ users, providerNames, now }: UserListProps) {
  const t = useTranslations("admin.users");
  return (
    <ul className="mt-4 divide-y divide-line border-line border-t">
      {users.map(({ id, name, email, image, createdAt, lastSignInAt, disabledAt, adminSince, providers, sessions }) => (
        <li
          key={id}
          data-user={id}
          className="grid gap-x-6 gap-y-2 px-5 py-4 sm:grid-cols-[minmax(0,1fr)_12rem] sm:px-6"
        >
          <div className="flex min-w-0 gap-3.5">
            <Avatar name={name ?? email} image={image} size="small" alt="" />
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                <UserLink id={id} name={name} email={email} />
                {(disabledAt || adminSince) && (
                  <UserState isDisabled={disabledAt !== null} isAdmin={adminSince !== null} />
                )}
              </p>
              {email && name && (
                <p className="text-muted wrap-anywhere">
                  <bdi>{email}</bdi>
                </p>
              )}
              <p className="mt-0.5 text-muted text-sm wrap-anywhere">
                {[
                  ...providers.map((provider) => providerNames.get(provider) ?? provider),
                  sessions >= mostCounted
                    ? t("manySessions", { count: mostCounted })
                    : t("sessions", { count: sessions }),
                ].join(" · ")}
              </p>
            </div>
          </div>
          <dl className="pl-11.5 text-sm sm:pl-0">
            <dt className="text-muted">{t(lastSignInAt ? "lastSignIn" : "created")}</dt>
            <dd>
              <Moment at={lastSignInAt ?? createdAt} now={now} />
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}
