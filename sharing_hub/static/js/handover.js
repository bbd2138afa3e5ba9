// The hand-over between shifts: how things stand, and the leader's note for the next one.

import { placeOf, severity } from "./alarms.js";
import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import * as words from "./words.js";

const { t } = words;

/** Open the view in `place`. */
export function open(place, chosen, operator) {
  const sheet = h("div", { class: "sheet" });
  const note = h("textarea", { rows: 4, maxlength: 2000, "aria-label": t("handoverNote") });
  replace(place, sheet);

  const part = (title, rows) => h("section", {}, h("h2", {}, `${t(title)} (${rows.length})`), rows.length ? h("ul", {}, rows) : h("p", { class: "muted" }, t("none")));
  const incident = (one) => h("li", {}, h("a", { href: `#/alarms/${one.incident_id}` }, severity(one.severity), " ", words.kind(one.kind)), ` · ${placeOf(one)} · ${t(`state_${one.state}`)}`,
    one.lease_holder ? ` · ${t("worksOnIt", { name: one.lease_holder })}` : "", one.shelved_until ? ` · ${t("shelvedUntil", { until: words.clock(one.shelved_until) })}` : "");

  async function load() {
    try {
      const now = await ask("GET", "/v1/handover");
      replace(sheet,
        part("unfinished", now.unfinished.map(incident)), part("shelved", now.shelved.map(incident)),
        part("breakGlass", now.break_glass.map((one) => h("li", {}, `${one.agency_id} · ${one.person_name} · ${words.moment(one.broken_at)} → ${words.moment(one.review_due_at)}`))),
        part("camerasDown", now.cameras_down.map((one) => h("li", {}, h("a", { href: `#/cameras/${one.camera_id}` }, one.name), ` · ${one.site} · ${t(one.state)}`))),
        part("undelivered", now.undelivered.map((one) => h("li", {}, `${one.agency_id} · ${words.moment(one.made_at)} · ${one.last_fault}`))),
        now.last ? h("section", {}, h("h2", {}, t("lastHandover")), h("p", {}, `${now.last.leader_name} · ${words.moment(now.last.at)}`), h("p", {}, now.last.note)) : null,
        ["leader", "admin"].includes(operator.role) ? h("section", {}, h("h2", {}, t("handoverNote")), note, h("p", {}, h("button", { onclick: sign }, t("signOff")))) : null);
    } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  async function sign() {
    try { await ask("POST", "/v1/handover", { note: note.value }); note.value = ""; notice(t("signedOff")); load(); } catch (error) { notice(t("failed", { why: say(error) })); }
  }

  load();
  return { resync: load, close: () => {} };
}
