/** How many bytes a form with a server action may hold: next.config.mjs tells Next, and the server answers 413 to more. */
export const serverActionBytes = 1024 * 1024;
