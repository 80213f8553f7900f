import { Fragment } from "react";

/** A claim's technical name, which may break after its own separators where the column is narrow. */
export function ClaimName({ name }: { name: string }) {
  const parts = name.split(/(?<=[_./:-])/);
  return (
    <code className="font-mono text-muted text-xs wrap-anywhere sm:text-sm">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts are a text's own pieces and never move.
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </code>
  );
}
