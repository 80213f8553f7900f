/** Of the part of a page that its own menu stands before: where the skip link leads. */
export const contentId = "content";
