import {
  type AuditFilter,
  type FilterFields,
  filterFields,
  parseAuditFilter,
} from "@/server/administration/audit-filter";
import { type Query, valueIn } from "../../_components/query";

/** What the address asks for, and its fields for links that keep them. What cannot be asks for nothing. */
export function readFilter(query: Query): { fields: FilterFields; filter: AuditFilter } {
  const said = filterFields.flatMap((name) => {
    const value = valueIn(query, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const { filter, wrong } = parseAuditFilter(Object.fromEntries(said));
  return { fields: Object.fromEntries(said.filter(([name]) => !wrong.includes(name))), filter };
}
