import { initialsOf } from "./initials";

const sizes = { small: "size-8 text-xs", large: "size-14 text-lg sm:size-18 sm:text-2xl" } as const;

interface AvatarProps {
  name: string | null;
  image: string | null;
  size: keyof typeof sizes;
  /** Empty where the name stands beside it. */
  alt: string;
}

/** The person's picture; their initials stand beneath it, and show where it is missing or does not load. */
export function Avatar({ name, image, size, alt }: AvatarProps) {
  const initials = initialsOf(name);
  return (
    <span
      className={`relative inline-flex shrink-0 items-center justify-center overflow-hidden rounded-full bg-accent-soft font-semibold text-accent ${sizes[size]}`}
    >
      {initials ? <span aria-hidden="true">{initials}</span> : <AnonymousFigure />}
      {image && (
        // Whether an address may be shown was decided when it was kept (server/auth/sign-in/profile.ts).
        // biome-ignore lint/performance/noImgElement: the provider chose the address, and our server must not fetch it.
        <img
          src={image}
          alt={alt}
          referrerPolicy="no-referrer"
          loading="lazy"
          decoding="async"
          className="absolute inset-0 size-full object-cover text-transparent"
        />
      )}
    </span>
  );
}

function AnonymousFigure() {
  return (
    <svg viewBox="0 0 24 24" className="size-1/2 fill-current" aria-hidden="true" focusable="false">
      <circle cx="12" cy="8" r="4.5" />
      <path d="M3.5 21a8.5 8.5 0 0 1 17 0z" />
    </svg>
  );
}
