"use client";

// Not for what it does in the browser: as a server component it would be written out in full into every page, once for
// each of not-found, forbidden and unauthorized.

const eave = { from: 28, to: 452, high: 146, sag: 32 };

/** Points along the eave's curve, `count` of them, evenly spread. */
function alongEave(count: number): { x: number; y: number }[] {
  return Array.from({ length: count }, (_, index) => {
    const t = (index + 0.5) / count;
    return { x: eave.from + (eave.to - eave.from) * t, y: eave.high + 2 * t * (1 - t) * eave.sag };
  });
}

const tileRows = alongEave(17).map(({ x, y }) => {
  const top = 240 + (x - 240) * 0.5;
  const bend = 240 + (x - 240) * 0.62;
  return `M${top.toFixed(1)} 82Q${bend.toFixed(1)} ${(y - 26).toFixed(1)} ${x.toFixed(1)} ${(y - 4).toFixed(1)}`;
});

/** The gate itself: its leaves stand open for whoever is signed in. Decorative. */
export function GateScene({ open, className }: { open: boolean; className?: string }) {
  return (
    <svg viewBox="0 0 480 330" className={className} aria-hidden="true" focusable="false">
      <g className="fill-line">
        <path d="M0 236h96v66H0zM384 236h96v66h-96z" />
        <path d="M0 226q48 5 96 0v11H0zM384 226q48 5 96 0v11h-96z" className="fill-roof" />
      </g>
      <path d="M112 186h256v116H112z" className="fill-roof-line" />
      <rect x="126" y="192" width="228" height="110" className={open ? "fill-lamp" : "fill-roof"} />
      {open ? <OpenGate /> : <ClosedGate />}
      <g className="fill-wood">
        <path d="M84 162h312v22H84z" />
        <path d="M96 184h20v118H96zM364 184h20v118h-20z" />
        <path d="M116 184h248v8H116z" className="fill-roof-line" />
      </g>
      <g className="fill-roof">
        <path d="M128 78Q240 88 352 78C366 112 396 136 452 146L449 156Q240 190 31 156L28 146C84 136 114 112 128 78Z" />
        <path d="M124 66Q240 80 356 66L360 80Q240 93 120 80Z" />
      </g>
      <g className="fill-none stroke-roof-line" strokeWidth="2.5" strokeLinecap="round">
        {tileRows.map((row) => (
          <path key={row} d={row} />
        ))}
      </g>
      <g className="fill-roof-line">
        {alongEave(17).map(({ x, y }) => (
          <circle key={x} cx={x.toFixed(1)} cy={(y + 2).toFixed(1)} r="5" />
        ))}
      </g>
      <g className="fill-roof">
        <path d="M90 300h32v8H90zM358 300h32v8h-32z" />
        <path d="M176 302h128v8H176z" className="fill-edge" />
        <path d="M0 308h480v3H0z" className="fill-line" />
      </g>
      {open && <path d="M172 311h136l34 19H138z" className="fill-lamp opacity-60" />}
    </svg>
  );
}

function ClosedGate() {
  return (
    <g>
      <path d="M130 194h109v108H130zM241 194h109v108H241z" className="fill-leaf" />
      <g className="stroke-roof" strokeWidth="1.5">
        <path d="M157 194v108M184 194v108M211 194v108M269 194v108M296 194v108M323 194v108" />
      </g>
      <g className="fill-wood">
        <path d="M130 212h109v9H130zM241 212h109v9H241zM130 274h109v9H130zM241 274h109v9H241z" />
      </g>
      <g className="fill-none stroke-lamp" strokeWidth="3">
        <circle cx="227" cy="248" r="7" />
        <circle cx="253" cy="248" r="7" />
      </g>
    </g>
  );
}

function OpenGate() {
  return (
    <g>
      <path d="M130 192l44 14v90l-44 10zM350 192l-44 14v90l44 10z" className="fill-leaf" />
      <path
        d="M130 214l44 11v7l-44-9zM350 214l-44 11v7l44-9zM130 280l44-5v7l-44 7zM350 280l-44-5v7l44 7z"
        className="fill-wood"
      />
      <g className="fill-none stroke-lamp" strokeWidth="2.5">
        <ellipse cx="166" cy="252" rx="3" ry="6" />
        <ellipse cx="314" cy="252" rx="3" ry="6" />
      </g>
    </g>
  );
}
