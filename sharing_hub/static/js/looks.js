// Who looked at what, when, why and from where: rows only, never pictures; refusals stand out and say by which rule.

import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import * as words from "./words.js";

const { t } = words;

/** Return why somebody looked, as the page writes it: an incident or a request is a link, a camera's reason has words. */
function because(why) {
  const [kind, rest] = [why.slice(0, why.indexOf(":")), why.slice(why.indexOf(":") + 1)];
  if (kind === "incident") return h("a", { href: `#/alarms/${rest}` }, t("incident"));
  if (kind === "request") return h("a", { href: `#/requests/${rest}` }, t("requests"));
  return kind === "camera" ? t(`why_${rest}`) : why;
}

/** Open the view in `place`. */
export function open(place) {
  let items = [];
  let next = null;
  let denied = false;
  let closed = false;
  const body = h("tbody", {});
  const more = h("button", { class: "quiet more", hidden: true, onclick: () => load(true) }, t("more"));
  const only = h("label", { class: "inline" }, h("input", { type: "checkbox", onchange: (event) => { denied = event.target.checked; draw(); } }), t("onlyDenied"));
  replace(place, h("div", { class: "sheet" }, h("div", { class: "tools top" }, h("h1", {}, t("looks")), only), h("table", { class: "dense" }, h("thead", {}, h("tr", {}, ["when", "who", "what", "camera", "why", "where", "decision"].map((name) => h("th", {}, t(name))))), body), more));

  const row = (one) => h("tr", {}, h("td", { class: "time" }, words.moment(one.at)), h("td", {}, h("strong", {}, one.operator_name), h("span", { class: "muted" }, ` ${t(`role_${one.role}`)}`)), h("td", {}, t(`look_${one.action}`)), h("td", {}, h("a", { href: `#/cameras/${encodeURIComponent(one.camera_id)}` }, one.camera_id)), h("td", {}, because(one.why)), h("td", { class: "muted" }, one.source_address),
    h("td", { class: one.decision === "deny" ? "bad" : "good" }, t(one.decision === "deny" ? "deny" : "allow"), " ", h("code", {}, one.rule)));

  function draw() {
    const shown = denied ? items.filter((one) => one.decision === "deny") : items;
    replace(body, shown.length ? shown.map(row) : h("tr", {}, h("td", { colspan: 7, class: "empty" }, t("noLooks"))));
  }

  async function load(further = false) {
    try {
      const answer = await ask("GET", `/v1/looks?limit=100${further && next ? `&before=${encodeURIComponent(next)}` : ""}`);
      if (closed) return;
      items = further ? [...items, ...answer.items] : answer.items;
      next = answer.next ?? null;
      more.hidden = !next;
      draw();
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: () => load(), close: () => { closed = true; } };
}
