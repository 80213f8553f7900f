import { useTranslations } from "next-intl";
import type { AuditRow } from "@/server/administration/list-audit";
import { describeDevice } from "@/server/sessions/registry/device";
import { Badge } from "@/ui/badge";
import { Breakable } from "@/ui/breakable";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { UserLink } from "./user-line";

interface AuditListProps {
  rows: AuditRow[];
  /** Of the users that rows name, by id; one who is not there is gone. */
  names: ReadonlyMap<string, string | null>;
  nameOf: (provider: string) => string;
  now: Date;
  /** Whether all are of one user, whose page it is. */
  hidesUser?: boolean;
}

/** Rows of the audit trail as operators read them: the event's own name first, the rest behind "Details". */
export function AuditList({ rows, names, nameOf, now, hidesUser = false }: AuditListProps) {
  const t = useTranslations("admin.audit");
  if (rows.length === 0) {
    return (
      <div className="p-5 sm:p-6">
        <EmptyPlace title={t("none.title")} body={t("none.body")} />
      </div>
    );
  }
  return (
    <ol className="mt-4 divide-y divide-line border-line border-t">
      {rows.map((row) => (
        <li
          key={row.id}
          data-event={row.event}
          className="grid gap-x-6 gap-y-1.5 px-5 py-4 sm:grid-cols-[10rem_minmax(0,1fr)] sm:px-6"
        >
          <p className="text-[0.9375rem]">
            <Moment at={row.at} now={now} />
          </p>
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <code className="font-semibold wrap-anywhere">
                <Breakable text={row.event} />
              </code>
              <Badge tone={row.outcome === "failure" ? "danger" : "good"}>
                {t(row.outcome === "failure" ? "failure" : "success")}
              </Badge>
              {row.reason && <Badge tone="plain">{row.reason}</Badge>}
            </p>
            <p className="mt-1 flex flex-wrap gap-x-2.5 text-muted text-sm wrap-anywhere">
              {row.userId && !hidesUser && (
                <Whose id={row.userId} name={names.get(row.userId)} isKnown={names.has(row.userId)} />
              )}
              {[row.provider && nameOf(row.provider), describeDevice(row.userAgent), row.ip]
                .filter((text): text is string => Boolean(text))
                .map((text) => (
                  <bdi key={text}>{text}</bdi>
                ))}
            </p>
            <Details row={row} names={names} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Whose({ id, name, isKnown }: { id: string; name: string | null | undefined; isKnown: boolean }) {
  const t = useTranslations("admin.audit");
  return isKnown ? <UserLink id={id} name={name ?? null} /> : <span>{t("gone", { id: id.slice(0, 8) })}</span>;
}

function Details({ row, names }: { row: AuditRow; names: AuditListProps["names"] }) {
  const t = useTranslations("admin.audit.details");
  const facts = Object.entries({
    [t("request")]: row.requestId,
    [t("session")]: row.sessionHash,
    [t("issuer")]: row.issuer,
    [t("userId")]: row.userId,
    [t("agent")]: row.userAgent,
  }).filter((fact): fact is [string, string] => fact[1] !== null);
  const said = Object.entries(row.detail);
  if (facts.length + said.length === 0) return null;
  const actor = typeof row.detail.by === "string" ? names.get(row.detail.by) : undefined;
  return (
    <details className="group mt-1 text-sm">
      <summary className="inline-flex min-h-8 cursor-pointer items-center gap-2 text-accent underline-offset-4 hover:underline">
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ›
        </span>
        {t("show")}
      </summary>
      <dl className="mt-1 grid gap-x-4 gap-y-1 sm:grid-cols-[9rem_minmax(0,1fr)]">
        {[...facts, ...said.map(([name, value]) => [name, textOf(value)] as const)].map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted wrap-anywhere">{name}</dt>
            <dd className="wrap-anywhere">
              <code>{value}</code>
              {name === "by" && actor && (
                <>
                  {" "}
                  <bdi>({actor})</bdi>
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
