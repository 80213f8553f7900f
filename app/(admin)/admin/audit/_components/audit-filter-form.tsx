import { useTranslations } from "next-intl";
import type { FilterFields } from "@/server/administration/audit-filter";
import { buttonStyle } from "@/ui/button-style";
import { ChoiceField, FilterForm, TextField } from "../../../_components/fields";

interface AuditFilterFormProps {
  path: string;
  /** Those that the trail has. */
  events: readonly string[];
  fields: FilterFields;
  isFiltered: boolean;
}

export function AuditFilterForm({ path, events, fields, isFiltered }: AuditFilterFormProps) {
  const t = useTranslations("admin.audit");
  return (
    <FilterForm action={path} label={t("filter.label")}>
      <ChoiceField
        label={t("filter.event")}
        name="event"
        value={fields.event}
        none={t("filter.any")}
        options={events.map((event) => ({ value: event, label: event }))}
      />
      <ChoiceField
        label={t("filter.outcome")}
        name="outcome"
        value={fields.outcome}
        none={t("filter.any")}
        options={(["success", "failure"] as const).map((outcome) => ({ value: outcome, label: t(outcome) }))}
      />
      <TextField type="date" label={t("filter.from")} name="from" value={fields.from} />
      <TextField type="date" label={t("filter.to")} name="to" value={fields.to} />
      <div className="sm:col-span-2">
        <TextField label={t("filter.user")} name="user" value={fields.user} />
      </div>
      <div className="flex flex-wrap gap-3 sm:col-span-2">
        <button type="submit" className={buttonStyle("primary")}>
          {t("filter.apply")}
        </button>
        {isFiltered && (
          <a href={path} className={buttonStyle("secondary")}>
            {t("filter.clear")}
          </a>
        )}
      </div>
    </FilterForm>
  );
}
