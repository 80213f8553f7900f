/** The request id that a person passes on when they ask for help. */
export function ReferenceLine({ label, value, help }: { label: string; value: string; help: string }) {
  return (
    <p className="border-line border-t pt-4 text-sm">
      {label} <code className="font-mono text-ink wrap-anywhere select-all">{value}</code>
      <span className="block">{help}</span>
    </p>
  );
}
