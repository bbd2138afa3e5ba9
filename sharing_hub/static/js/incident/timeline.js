// An incident's record: what was done, by whom, when; the newest first.

import { h } from "../dom.js";
import * as words from "../words.js";

const { t } = words;
const LINK = /^(into|from) ([0-9a-f-]{36})$/;

function told(one, agency) {
  const link = LINK.exec(one.note ?? "") ?? LINK.exec((one.note ?? "").replace("incident ", ""));
  if (link) return [t(link[1] === "into" ? "intoIncident" : "fromIncident"), " ", h("a", { href: `#/alarms/${link[2]}` }, t("seeIncident"))];
  const parts = [];
  if (one.change === "shelve") parts.push(t("shelvedUntil", { until: words.clock(one.reason.replace("until ", "")) }));
  else if (one.change === "mark_false") parts.push(words.reason(one.reason));
  else if (one.change === "close" || one.change === "end") parts.push(one.reason ? words.t(`disposition_${one.reason}`) : "");
  else if (one.change === "escalate") parts.push(t(one.reason === "posted police" ? "escalated_2" : "escalated_1"));
  else if (["share", "withdraw"].includes(one.change)) parts.push(agency(one.reason));
  else if (one.reason && one.change !== "unshelve") parts.push(one.reason);
  if (one.change === "take_over") parts.push(t("fromPerson", { name: (one.note ?? "").replace("from ", "") }));
  else if (one.note) parts.push(one.note);
  return parts.filter(Boolean).join(" · ");
}

function row(one, agency) {
  const who = one.operator_name === "hub" ? t("theHub") : one.agency_id ? `${agency(one.agency_id)} ${one.operator_name}` : one.operator_name;
  return h("li", { class: one.change }, h("time", { title: words.moment(one.at) }, words.clock(one.at)), h("span", {}, h("strong", {}, t(`change_${one.change}`)), " ", h("span", { class: "muted" }, who), h("span", { class: "said" }, told(one, agency))));
}

/** Return the record of an incident as a section; `agency(id)` names agencies. */
export function timeline(history, agency) {
  return h("section", { class: "timeline" }, h("h2", {}, t("timeline")),
    history.length ? h("ol", {}, history.map((one) => row(one, agency))) : h("p", { class: "muted" }, t("timelineNone")));
}
