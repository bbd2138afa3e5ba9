// Names of agencies, purposes and legal bases, as the district's book in force has them; asked for once, and again when the book changed.

import { ask } from "./api.js";
import * as words from "./words.js";

let kept = null;

/** Return the book's lists (agencies, purposes, legal bases, own uses, limits). */
export function lists() {
  kept ??= ask("GET", "/v1/book/lists").catch((error) => { kept = null; throw error; });
  return kept;
}

/** Forget what is kept: the book is another. */
export const forget = () => { kept = null; };

const named = (list, key, code) => { const one = list.find((item) => item[key] === code); return one ? (words.current() === "ko" ? one.ko : one.en) : code; };

/** Return functions that name things of `found` (what `lists` gave). */
export const names = (found) => ({
  agency: (code) => named(found.agencies, "agency_id", code), purpose: (code) => named(found.purposes, "code", code), basis: (code) => named(found.legal_bases, "code", code),
});

/** Return [code, words] pairs for a select. */
export const pairs = (list, key = "code") => list.map((one) => [one[key], words.current() === "ko" ? one.ko : one.en]);

/** Return the agencies that something can be shared with. */
export const partners = (found) => found.agencies.filter((one) => one.active && one.agency_id !== "district");
