export function SkipLink({ label }: { label: string }) {
  return (
    <a
      href="#main"
      className="-translate-y-24 fixed top-3 left-3 z-10 rounded-lg bg-accent px-4 py-2 font-semibold text-on-accent focus:translate-y-0"
    >
      {label}
    </a>
  );
}
