// For an agency's people: the incidents that are shared with them, the chosen one beside the list. There is no stream for them, so it is asked for now and then.

import { severity } from "../alarms.js";
import { ask } from "../api.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as sound from "../sound.js";
import * as words from "../words.js";
import * as shared from "./one.js";

const { t } = words;
const POLL_MS = 4000;

/** Open the view in `place`, with the incident `chosen` if given. */
export function open(place, chosen, operator) {
  let items = [];
  let known = null;
  let shown = null;
  let closed = false;
  const list = h("ol", { class: "alarms", "aria-label": t("sharedWithYou") });
  const only = h("input", { type: "checkbox", checked: true, onchange: () => load() });
  const side = h("section", { class: "detail" });
  replace(place, h("div", { class: "console" }, h("section", { class: "list" }, h("div", { class: "tools" }, h("strong", {}, t("sharedWithYou")), h("label", { class: "inline" }, only, t("onlyUnfinished"))), list), side));

  const row = ({ incident: one, share }) => h("li", {}, h("a", { href: `#/shared/${one.incident_id}`, class: `alarm ${share.accepted_at ? "" : "new"}`, "aria-current": one.incident_id === chosen ? "true" : null },
    h("span", { class: "first" }, severity(one.severity), h("strong", {}, words.kind(one.kind)), h("time", {}, words.clock(share.shared_at))),
    h("span", { class: "second" }, h("span", {}, one.camera_name || share.case_number || one.description || ""), h("span", { class: `state ${one.state}` }, t(`state_${one.state}`)))));

  async function load() {
    try {
      const answer = await ask("GET", `/v1/agency/incidents?limit=100&unfinished=${only.checked}`);
      if (closed) return;
      items = answer.items;
      replace(list, items.length ? items.map(row) : h("li", { class: "empty" }, t("noShared")));
      const fresh = items.filter((item) => known && !known.has(item.incident.incident_id));
      if (fresh.length) sound.ring(Math.min(...fresh.map((item) => item.incident.severity)));
      known = new Set(items.map((item) => item.incident.incident_id));
      shown?.tell(items.find((item) => item.incident.incident_id === chosen) ?? null);
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  if (chosen) shown = shared.open(side, chosen, operator, load);
  else replace(side, h("p", { class: "empty" }, t("chooseShared")));
  load();
  const timer = setInterval(load, POLL_MS);
  return { resync: load, close: () => { closed = true; clearInterval(timer); shown?.close(); } };
}
