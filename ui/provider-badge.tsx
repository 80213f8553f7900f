import { marks } from "./provider-marks";

/** A provider's own mark, else its initial. Decorative: the button names it. */
export function ProviderBadge({ type, name }: { type: string; name: string }) {
  const mark = Object.hasOwn(marks, type) ? marks[type] : undefined;
  return (
    <span
      aria-hidden="true"
      className="inline-flex size-8 shrink-0 items-center justify-center overflow-hidden rounded-md border border-line bg-white"
    >
      {mark ? (
        <svg
          viewBox={mark.background ? "-4 -4 32 32" : "-8 -8 40 40"}
          className="size-full"
          focusable="false"
          aria-hidden="true"
        >
          {mark.background && <path fill={mark.background} d="M-4-4h32v32H-4z" />}
          {mark.parts.map(([fill, path]) => (
            <path key={path} fill={fill} d={path} />
          ))}
        </svg>
      ) : (
        <span className="font-bold text-roof text-sm">{initialOf(name)}</span>
      )}
    </span>
  );
}

function initialOf(name: string): string {
  // Spread, not charAt: a letter outside the basic plane is two units long.
  return ([...name.trim()][0] ?? "·").toLocaleUpperCase("en");
}
