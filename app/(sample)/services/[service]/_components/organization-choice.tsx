import { useTranslations } from "next-intl";

interface OrganizationChoiceProps {
  organizations: { id: string; name: string }[];
  chosen: string | null;
  address: string;
}

/** The person's organizations; nothing where there is nothing to choose. */
export function OrganizationChoice({ organizations, chosen, address }: OrganizationChoiceProps) {
  const t = useTranslations("services.inventory");
  if (organizations.length === 0 || (organizations.length === 1 && chosen !== null)) return null;
  return (
    <nav aria-label={t("choose")}>
      <ul className="flex flex-wrap gap-2">
        {organizations.map(({ id, name }) => (
          <li key={id} className="max-w-full">
            <a
              href={`${address}?${new URLSearchParams({ organization: id })}`}
              aria-current={id === chosen ? "true" : undefined}
              className="inline-flex min-h-11 items-center rounded-full border border-edge bg-surface px-4.5 py-1.5 font-medium wrap-anywhere hover:border-accent hover:bg-accent-soft focus-visible:rounded-full aria-[current=true]:border-accent aria-[current=true]:bg-accent aria-[current=true]:text-on-accent"
            >
              <bdi>{name}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
