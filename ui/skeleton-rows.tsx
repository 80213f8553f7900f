/** The space that a list will take, while it is on its way. */
export function SkeletonRows() {
  return (
    <div aria-hidden="true" className="animate-pulse divide-y divide-line border-line border-t">
      {["w-2/5", "w-3/5", "w-1/3"].map((width) => (
        <div key={width} className="space-y-2.5 px-5 py-5 sm:px-6">
          <div className={`h-4 rounded bg-line ${width}`} />
          <div className="h-3.5 w-1/4 rounded bg-line" />
        </div>
      ))}
    </div>
  );
}
