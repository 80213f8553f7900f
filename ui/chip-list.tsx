import { Badge } from "./badge";

export function ChipList({ items }: { items: string[] }) {
  // The same value may stand in a list twice; the set says it once, and gives each chip its own key.
  return (
    <ul className="flex flex-wrap gap-1.5">
      {[...new Set(items)].map((item) => (
        <li key={item} className="max-w-full">
          <Badge tone="plain">{item}</Badge>
        </li>
      ))}
    </ul>
  );
}
