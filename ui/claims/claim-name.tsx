import { Breakable } from "../breakable";

export function ClaimName({ name }: { name: string }) {
  return (
    <code className="font-mono text-muted text-xs wrap-anywhere sm:text-sm">
      <Breakable text={name} />
    </code>
  );
}
