import { Avatar } from "./avatar";
import { ClosesByItself } from "./closes-by-itself";
import type { HeaderTexts } from "./header-texts";
import { Name } from "./name";

interface AccountMenuProps {
  name: string | null;
  email: string | null;
  image: string | null;
  /** Of this session, for the form that signs out. */
  csrfToken: string;
  /** What people call the organization that they work in; null where there is none. */
  organization: string | null;
  /** The path and query of the page that somebody is on. */
  path: string;
  texts: HeaderTexts;
  /** What the picture is: the menu, and whose. */
  menuLabel: string;
}

const item =
  "flex min-h-11 w-full items-center rounded-lg px-3 text-left hover:bg-accent-soft focus-visible:rounded-lg";

/** The menu behind somebody's picture. A `<details>`, so that it opens without script; `ClosesByItself` does the rest. */
export function AccountMenu(props: AccountMenuProps) {
  const { name, email, image, csrfToken, organization, path, texts, menuLabel } = props;
  const label = name ?? email;
  const at = path.split("?", 1)[0];
  const link = (href: string, text: string) => (
    <li>
      <a
        href={href}
        aria-current={at === href ? "page" : undefined}
        className={`${item} aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent`}
      >
        {text}
      </a>
    </li>
  );
  return (
    <details className="group relative -mr-1.5" data-menu="account">
      <summary
        aria-label={menuLabel}
        className="inline-flex size-11 cursor-pointer list-none items-center justify-center rounded-full focus-visible:rounded-full [&::-webkit-details-marker]:hidden"
      >
        <Avatar name={label} image={image} size="small" alt="" />
      </summary>
      <div className="absolute top-full right-0 z-20 mt-1.5 w-72 max-w-[calc(100vw-2.5rem)] rounded-xl border border-line bg-surface p-2 shadow-lg">
        {label !== null && (
          <p className="px-3 pt-1.5 pb-2.5">
            <Name className="block font-semibold wrap-anywhere">{label}</Name>
            {name !== null && email !== null && <bdi className="block text-muted text-sm wrap-anywhere">{email}</bdi>}
            {organization !== null && <Name className="block text-muted text-sm wrap-anywhere">{organization}</Name>}
          </p>
        )}
        <nav aria-label={texts.menu} className="border-line border-t py-2 first:border-t-0">
          <ul>
            {link("/account", texts.account)}
            {link("/account/organizations", texts.organizations)}
            {link("/account/connections", texts.services)}
          </ul>
        </nav>
        <div className="border-line border-t pt-2">
          <form method="post" action="/api/auth/signout" data-menu-scope="device">
            <input type="hidden" name="csrfToken" value={csrfToken} />
            <input type="hidden" name="scope" value="device" />
            <button type="submit" className={`${item} font-semibold`}>
              {texts.signOutHere}
            </button>
          </form>
          <a href="/sign-out" className={`${item} text-muted`}>
            {texts.signOutMore}
          </a>
        </div>
        <ClosesByItself />
      </div>
    </details>
  );
}
