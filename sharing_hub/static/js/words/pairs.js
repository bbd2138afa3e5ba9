// Tables of words as pairs, Korean first; what is looked up is given in the language in use.

/** Add each pair of `tables` to the dictionaries of both languages. */
export function merge(words, ...tables) {
  for (const table of tables) {
    for (const [key, [ko, en]] of Object.entries(table)) { words.ko[key] = ko; words.en[key] = en; }
  }
}
