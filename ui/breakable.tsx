import { Fragment } from "react";

/** A technical name (a claim's, an address), which may break after its own separators where there is little room. */
export function Breakable({ text }: { text: string }) {
  const parts = text.split(/(?<=[_./:-])(?![_./:-])/);
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts are a text's own pieces and never move.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
