import { type InputHTMLAttributes, useId } from "react";

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "className" | "id"> {
  label: string;
  className?: string;
  /** For more than one line. */
  isLong?: boolean;
}

const style =
  "mt-1.5 block min-h-11 w-full rounded-lg border border-edge bg-paper px-3.5 py-2 text-ink hover:border-accent focus-visible:rounded-lg";

/** A labelled input. */
export function Field({ label, className, isLong = false, defaultValue, maxLength, name, ...input }: FieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {isLong ? (
        <textarea
          id={id}
          name={name}
          defaultValue={defaultValue}
          maxLength={maxLength}
          required
          rows={3}
          className={style}
        />
      ) : (
        <input
          id={id}
          name={name}
          defaultValue={defaultValue}
          maxLength={maxLength}
          required
          {...input}
          className={style}
        />
      )}
    </div>
  );
}
