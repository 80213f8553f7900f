import { buttonStyle } from "@/ui/button-style";

interface PagerProps {
  /** Names the navigation. */
  label: string;
  links: readonly { href: string | null; label: string; rel?: "next" | "prev" }[];
}

/** Where a long list goes on; nothing where it is all there. */
export function Pager({ label, links }: PagerProps) {
  const shown = links.filter(
    (link): link is { href: string; label: string; rel?: "next" | "prev" } => link.href !== null,
  );
  if (shown.length === 0) return null;
  return (
    <nav aria-label={label} className="flex flex-wrap gap-3 border-line border-t px-5 py-4 sm:px-6">
      {shown.map(({ href, label: words, rel }) => (
        <a key={words} href={href} {...(rel && { rel })} className={buttonStyle("secondary")}>
          {words}
        </a>
      ))}
    </nav>
  );
}
