import { asClockFace } from "./deadlines";

interface CountdownRingProps {
  secondsLeft: number;
  /** What the full ring stands for. */
  seconds: number;
}

/** The time that is left, in figures and as a ring that empties. Read out only to whoever goes there. */
export function CountdownRing({ secondsLeft, seconds }: CountdownRingProps) {
  const left = Math.min(1, secondsLeft / seconds);
  return (
    <div className="relative mx-auto grid size-32 place-items-center">
      <svg viewBox="0 0 128 128" aria-hidden="true" className="-rotate-90 absolute inset-0">
        <circle cx="64" cy="64" r="58" fill="none" strokeWidth="6" className="stroke-line" />
        <circle
          cx="64"
          cy="64"
          r="58"
          fill="none"
          strokeWidth="6"
          strokeLinecap="round"
          pathLength="1"
          strokeDasharray={`${left} 1`}
          className={left > 0 ? "stroke-accent" : "stroke-transparent"}
        />
      </svg>
      <p role="timer" aria-live="off" className="font-bold text-3xl tabular-nums tracking-tight">
        {asClockFace(secondsLeft)}
      </p>
    </div>
  );
}
