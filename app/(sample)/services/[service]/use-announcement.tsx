import { useState } from "react";

/** What happened, for people who hear a page: `say` it, and have `announcement` in the page from the start. */
export function useAnnouncement() {
  const [said, setSaid] = useState({ text: "", times: 0 });
  return {
    say: (text: string) => setSaid(({ times }) => ({ text, times: times + 1 })),
    announcement: (
      <p role="status" className="sr-only">
        {/* The same words once more are news too. */}
        <span key={said.times}>{said.text}</span>
      </p>
    ),
  };
}
