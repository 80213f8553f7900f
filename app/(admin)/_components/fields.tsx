import type { ReactNode } from "react";

const box =
  "min-h-11 w-full rounded-lg border border-edge bg-surface px-3.5 text-ink placeholder:text-muted focus-visible:rounded-lg";

interface FieldProps {
  label: string;
  name: string;
  value?: string | undefined;
}

/** A labelled line of text, or a moment. */
export function TextField({
  label,
  name,
  value,
  type = "text",
  hint,
}: FieldProps & { type?: "text" | "search" | "date"; hint?: string }) {
  return (
    <label className="block min-w-0">
      <span className="mb-1 block font-medium text-sm">{label}</span>
      <input
        type={type}
        name={name}
        defaultValue={value}
        placeholder={hint}
        autoComplete="off"
        spellCheck={false}
        maxLength={320}
        className={box}
      />
    </label>
  );
}

/** A labelled choice; the first is none. */
export function ChoiceField({
  label,
  name,
  value,
  none,
  options,
}: FieldProps & { none: string; options: readonly { value: string; label: string }[] }) {
  // What the address asked for stays chosen, though nothing of it is there.
  const known = value === undefined || options.some((option) => option.value === value);
  return (
    <label className="block min-w-0">
      <span className="mb-1 block font-medium text-sm">{label}</span>
      <select name={name} defaultValue={value ?? ""} className={box}>
        <option value="">{none}</option>
        {!known && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The fields of a filter, which is sent by GET, so that its address can be kept and shown to others. */
export function FilterForm({ action, label, children }: { action: string; label: string; children: ReactNode }) {
  return (
    <form
      method="get"
      action={action}
      aria-label={label}
      className="grid items-end gap-4 rounded-xl border border-line bg-surface p-5 sm:grid-cols-2 sm:p-6"
    >
      {children}
    </form>
  );
}
