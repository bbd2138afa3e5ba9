// A list of facts, and a clock towards a time at which something is due.

import { now } from "./api.js";
import { h } from "./dom.js";
import * as words from "./words.js";

const { t } = words;
const HOUR_MS = 3_600_000;

/** Return a list of [label, value] pairs; what has no value is left out. */
export const facts = (pairs) => h("dl", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false).map(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));

/** Return how long something has until it is due: red when over, amber in its last quarter or day. */
export function due(iso, lastMs = 24 * HOUR_MS) {
  if (!iso) return null;
  const left = new Date(iso) - now();
  const amount = Math.abs(left);
  const span = amount >= 48 * HOUR_MS ? t("dueDays", { n: Math.floor(amount / (24 * HOUR_MS)) }) : amount >= HOUR_MS ? t("dueHours", { n: Math.floor(amount / HOUR_MS) }) : t("minutes", { n: Math.max(1, Math.round(amount / 60_000)) });
  return h("span", { class: left < 0 ? "due bad" : left < lastMs ? "due warn" : "due", title: words.moment(iso) }, left < 0 ? t("dueOver", { span }) : t("dueIn", { span }));
}
