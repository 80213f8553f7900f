import type { Metadata } from "next";
import { getLocale, getNow, getTranslations } from "next-intl/server";
import { findUserById, listNewestUsers, searchFields, searchUsers } from "@/server/administration/list-users";
import { providerName } from "@/server/auth/provider-list";
import { requireSession } from "@/server/sessions/guards/require-session";
import { adminRoles } from "@/server/sessions/registry/policy";
import { buttonStyle } from "@/ui/button-style";
import { EmptyPlace } from "@/ui/empty-place";
import { SectionCard } from "@/ui/section-card";
import { AdminFrame } from "../../_components/admin-frame";
import { TextField } from "../../_components/fields";
import { Pager } from "../../_components/pager";
import { addressOf, type Query, valueIn } from "../../_components/query";
import { UserList } from "./_components/user-list";

const path = "/admin/users";
// Of each field so many at first: what was meant is seen at once, and the rest is a click away.
const mostOfEach = 10;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.users");
  return { title: t("title") };
}

export default async function UsersPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireSession({ roles: adminRoles(), returnTo: path });
  const [t, locale, now, query] = await Promise.all([
    getTranslations("admin.users"),
    getLocale(),
    getNow(),
    searchParams,
  ]);
  const [q, after] = [valueIn(query, "q"), valueIn(query, "after")];
  const field = searchFields.find((known) => known === query.by);
  const lists = await findLists(q, field, after);
  const found = lists.filter(({ page }) => page.users.length > 0);
  const names = new Map(
    found
      .flatMap(({ page }) => page.users.flatMap(({ providers }) => providers))
      .map((id) => [id, providerName(id, locale)]),
  );
  return (
    <AdminFrame current="users" heading={t("title")} lead={t("lead")}>
      <search>
        <form method="get" action={path} className="flex flex-wrap items-end gap-3">
          <div className="min-w-0 flex-1 basis-60">
            <TextField type="search" name="q" value={q} label={t("search.label")} />
          </div>
          <button type="submit" className={buttonStyle("primary")}>
            {t("search.submit")}
          </button>
          {q && (
            <a href={path} className={buttonStyle("secondary")}>
              {t("search.clear")}
            </a>
          )}
        </form>
      </search>
      {found.map(({ kind, page }) => (
        <SectionCard key={kind} id={kind} heading={t(`lists.${kind}`)}>
          <UserList users={page.users} providerNames={names} now={now} />
          <Pager
            label={t("pages", { list: t(`lists.${kind}`) })}
            links={[
              { href: after ? addressOf(path, { q, by: field }) : null, label: t("first") },
              {
                href:
                  page.next &&
                  addressOf(path, q ? { q, by: kind, ...(field && { after: page.next }) } : { after: page.next }),
                label: q && !field ? t("all") : t("next"),
                rel: "next",
              },
            ]}
          />
        </SectionCard>
      ))}
      {found.length === 0 && (
        <EmptyPlace title={t(q ? "none.found" : "none.title")} body={t(q ? "none.foundBody" : "none.body")} />
      )}
    </AdminFrame>
  );
}

/** What is shown: the newest users; or who was searched for, by each field, or by one of them to its end. */
async function findLists(
  q: string | undefined,
  field: (typeof searchFields)[number] | undefined,
  after: string | undefined,
) {
  if (q === undefined) return [{ kind: "newest" as const, page: await listNewestUsers(after) }];
  if (field) return [{ kind: field, page: await searchUsers(field, q, { after }) }];
  const [byId, ...others] = await Promise.all([
    findUserById(q),
    ...searchFields.map(async (kind) => ({ kind, page: await searchUsers(kind, q, { most: mostOfEach }) })),
  ]);
  return [{ kind: "id" as const, page: byId }, ...others];
}
