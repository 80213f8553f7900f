/** The look of all pages: one column, one accent, the system's own light or dark. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f2; --paper: #ffffff; --ink: #1d2321; --quiet: #5a635f; --line: #d9dad5;
  --accent: #1f6a55; --on-accent: #ffffff; --tint: #e6f0ec; --alarm: #a3261c; --alarm-tint: #fbeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #141817; --paper: #1c2220; --ink: #e9edeb; --quiet: #a5afab; --line: #38413e;
    --accent: #7fcfb4; --on-accent: #0d1f19; --tint: #22332d; --alarm: #ffb1a8; --alarm-tint: #3a2220;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.55 Pretendard, "Apple SD Gothic Neo", "Noto Sans KR", system-ui, sans-serif;
}
main {
  width: min(100%, 27rem); background: var(--paper); border: 1px solid var(--line); border-radius: 1rem;
  padding: clamp(1.25rem, 5vw, 2rem);
}
h1 { margin: 0; font-size: 1.4rem; line-height: 1.3; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 1.75rem 0 .75rem; font-size: 1rem; }
p { margin: .5rem 0 0; overflow-wrap: anywhere; }
:lang(ko) { word-break: keep-all; }
.quiet, .hint { color: var(--quiet); font-size: .9rem; }
.people { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem; }
.person {
  width: 100%; display: flex; align-items: center; gap: .85rem; padding: .7rem .85rem; text-align: start;
  background: transparent; color: inherit; border: 1px solid var(--line); border-radius: .75rem; font: inherit; cursor: pointer;
}
.person:hover, .person.marked { background: var(--tint); border-color: var(--accent); }
.person img, .initials { flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; }
.person span { display: block; min-width: 0; overflow-wrap: anywhere; }
.person .initials { display: grid; place-items: center; background: var(--tint); color: var(--accent); font-weight: 600; }
.person.marked .initials, .person:hover .initials { background: var(--paper); }
.person .who { flex: 1; }
.person .who > span:first-child { font-weight: 600; line-height: 1.35; }
.badge { flex: none; font-size: .8rem; color: var(--accent); }
.field { margin-top: 1rem; }
label { display: block; font-weight: 600; font-size: .95rem; }
input {
  width: 100%; margin-top: .3rem; padding: .65rem .75rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--quiet); border-radius: .6rem;
}
input[aria-invalid="true"] { border-color: var(--alarm); }
.problem { color: var(--alarm); font-size: .9rem; margin-top: .3rem; }
.alert { margin-top: 1rem; background: var(--alarm-tint); color: var(--alarm); padding: .7rem .85rem; border-radius: .6rem; }
.button {
  display: inline-block; width: 100%; margin-top: 1.25rem; padding: .7rem 1rem; text-align: center; font: inherit; font-weight: 600;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .6rem; cursor: pointer; text-decoration: none;
}
.button.plain { color: var(--ink); background: transparent; border-color: var(--line); margin-top: .6rem; }
.links { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; justify-content: space-between; align-items: baseline; margin-top: 1.25rem; }
.links form { margin: 0; }
a, .link { color: var(--accent); }
.link { background: none; border: 0; padding: 0; font: inherit; text-decoration: underline; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code { font-size: .85rem; color: var(--quiet); overflow-wrap: anywhere; }
iframe { display: none; }
`;
