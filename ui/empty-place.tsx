/** What stands where there is nothing to show. */
export function EmptyPlace({ title, body }: { title: string; body: string }) {
  return (
    <div className="rounded-lg border border-edge border-dashed px-5 py-8 text-center">
      <p className="font-semibold">{title}</p>
      <p className="mt-1 text-muted">{body}</p>
    </div>
  );
}
