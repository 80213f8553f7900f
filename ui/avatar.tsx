import { initialsOf } from "./initials";

const sizes = { small: "size-8 text-xs", large: "size-18 text-2xl" } as const;

interface AvatarProps {
  name: string | null;
  image: string | null;
  size: keyof typeof sizes;
  /** Empty where the name stands beside it. */
  alt: string;
}

/** The person's picture; their initials stand beneath it, and show where it is missing or does not load. */
export function Avatar({ name, image, size, alt }: AvatarProps) {
  return (
    <span
      className={`relative inline-flex shrink-0 items-center justify-center overflow-hidden rounded-full bg-accent-soft font-semibold text-accent ${sizes[size]}`}
    >
      <span aria-hidden="true">{initialsOf(name)}</span>
      {image?.startsWith("https://") && (
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
