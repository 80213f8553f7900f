interface IconDiscProps {
  /** The outline, on a field of 24 by 24. */
  shape: string;
  emphasised?: boolean;
}

/** A small picture at the head of a row. Decorative: the words beside it say more. */
export function IconDisc({ shape, emphasised = false }: IconDiscProps) {
  return (
    <span
      aria-hidden="true"
      className={`inline-flex size-11 shrink-0 items-center justify-center rounded-full ${
        emphasised ? "bg-accent text-on-accent" : "bg-accent-soft text-accent"
      }`}
    >
      <svg
        viewBox="0 0 24 24"
        className="size-5.5 fill-none stroke-current"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        <path d={shape} />
      </svg>
    </span>
  );
}
