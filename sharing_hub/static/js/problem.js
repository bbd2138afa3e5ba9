// What the hub said when it refused, or an agent of a camera, in the reader's language: known sentences are translated, unknown ones stand as they are.

import { CAMERA_FAULTS } from "./words/camera_faults.js";
import { PROBLEMS } from "./words/problems.js";
import { STATUSES } from "./words/refusals.js";
import * as words from "./words.js";

const HOLE = "{}";
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const known = Object.entries({ ...PROBLEMS, ...CAMERA_FAULTS }).map(([sentence, korean]) => [new RegExp(`^${sentence.split(HOLE).map(escape).join("(.+?)")}$`), korean]);

/** Return a sentence of the hub in the language in use. */
export function translate(sentence) {
  if (words.current() !== "ko") return sentence;
  for (const [pattern, korean] of known) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    const filled = found.slice(1).map((value) => words.codeWord(value));
    return korean.split(HOLE).map((part, i) => part + (i < filled.length && i < korean.split(HOLE).length - 1 ? filled[i] : "")).join("");
  }
  return sentence;
}

/** Return an error in words: the reasons of the access rules, the hub's sentence, or that the hub is away. */
export function say(error) {
  if (!error.status) return error.name === "TypeError" ? words.t("offlineHub") : error.message;
  const reasons = (error.body?.reasons ?? []).map(inLanguage);
  if (reasons.length) return reasons.join(" ");
  const detail = translate(error.message);
  return words.current() === "ko" && detail === error.message && STATUSES[error.status] ? `${words.of(STATUSES, error.status)} (${detail})` : detail;
}

/** Return a policy's words, "Korean / English", in the language in use. */
export function inLanguage(both) {
  const [ko, en] = both.split(" / ");
  return (words.current() === "ko" ? ko : en) ?? both;
}
