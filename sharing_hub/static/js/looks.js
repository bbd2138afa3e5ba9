// Who looked at what, when, why and from where: rows only, never pictures.

import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import * as words from "./words.js";

const { t } = words;

/** Open the view in `place`. */
export function open(place) {
  let items = [];
  let next = null;
  const body = h("tbody", {});
  const more = h("button", { class: "quiet more", hidden: true, onclick: () => load(true) }, t("more"));
  replace(place, h("div", { class: "sheet" }, h("table", {}, h("thead", {}, h("tr", {}, ["when", "who", "what", "why", "where", "decision"].map((name) => h("th", {}, t(name))))), body), more));

  async function load(further = false) {
    try {
      const answer = await ask("GET", `/v1/looks?limit=100${further && next ? `&before=${encodeURIComponent(next)}` : ""}`);
      items = further ? [...items, ...answer.items] : answer.items;
      next = answer.next ?? null;
      more.hidden = !next;
      replace(body, items.length ? items.map((one) => h("tr", {}, h("td", {}, words.moment(one.at ?? one.looked_at)), h("td", {}, one.who ?? one.operator_name), h("td", {}, one.what ?? one.subject), h("td", {}, one.why), h("td", {}, one.source_address ?? one.where), h("td", {}, t(one.decision)))) : h("tr", {}, h("td", { colspan: 6, class: "empty" }, t("noLooks"))));
    } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: () => load(), close: () => {} };
}
