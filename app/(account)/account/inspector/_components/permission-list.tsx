import { SectionCard } from "@/ui/section-card";
import type { Permission } from "../permission";
import { PermissionRow } from "./permission-row";

interface PermissionListProps {
  id: string;
  heading: string;
  lead: string;
  permissions: Permission[];
  /** What is said of those that are not listed. */
  more?: string;
  /** The provider's id. */
  provider: string;
  /** Whether the failure that they share is told at the top of the page. */
  isToldAbove: boolean;
  now: Date;
}

export function PermissionList(props: PermissionListProps) {
  const { id, heading, lead, permissions, more, provider, isToldAbove, now } = props;
  return (
    <SectionCard id={id} heading={heading} lead={lead}>
      <ul className="mt-5 divide-y divide-line border-line border-t sm:mt-6">
        {permissions.map((permission) => (
          <PermissionRow
            key={permission.id}
            permission={permission}
            provider={provider}
            isToldAbove={isToldAbove}
            now={now}
          />
        ))}
      </ul>
      {more && <p className="border-line border-t px-5 py-4 text-muted sm:px-6">{more}</p>}
    </SectionCard>
  );
}
