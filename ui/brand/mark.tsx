/** The app's sign: a tiled roof, two posts, and a pair of gate leaves with light between them. Decorative; its neighbour names it. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} fill="currentColor" aria-hidden="true" focusable="false">
      <path d="M9.2 4.6q6.8 1.1 13.6 0l.9 2.2c1 2.3 3.2 4 7.3 4.9l-.5 2.2q-14.5 4-29 0L1 11.7c4.1-.9 6.3-2.6 7.3-4.9z" />
      <path d="M4.8 16.3l2.7.4V28H4.8zM24.5 16.7l2.7-.4V28h-2.7z" />
      <path d="M9.3 17.2l5.7.3V28H9.3zM17 17.5l5.7-.3V28H17z" />
    </svg>
  );
}
