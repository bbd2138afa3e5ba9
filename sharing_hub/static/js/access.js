// What the signed-in person's role opens, as the hub told with the session. It chooses what is shown; the hub decides each time it is done.

let words = new Set();

/** Keep what the session says. */
export const keep = (list) => { words = new Set(list ?? []); };

/** Say whether the role opens this (a word of the hub's `viewers.may`). */
export const may = (word) => words.has(word);
