// The hand-over between shifts: how things stand, the most urgent first, and the leader's note for the next one.

import { may } from "./access.js";
import { placeOf, severity } from "./alarms.js";
import { ask } from "./api.js";
import * as dialog from "./dialog.js";
import * as directory from "./directory.js";
import { h, replace } from "./dom.js";
import { due } from "./facts.js";
import { notice } from "./notice.js";
import { say, translate } from "./problem.js";
import * as words from "./words.js";

const { t } = words;

/** Open the view in `place`. */
export function open(place) {
  let closed = false;
  const sheet = h("div", { class: "sheet" });
  const note = h("textarea", { rows: 5, maxlength: 2000, "aria-label": t("handoverNote"), placeholder: t("handoverNote") });
  replace(place, sheet);

  const part = (title, rows, bad) => h("section", { class: "handover" }, h("h2", { class: rows.length && bad ? "warn" : "" }, `${t(title)} (${rows.length})`), rows.length ? h("table", { class: "dense" }, h("tbody", {}, rows)) : h("p", { class: "muted" }, `✓ ${t("none")}`));
  const incident = (one) => h("tr", {}, h("td", {}, severity(one.severity)), h("td", {}, h("a", { href: `#/alarms/${one.incident_id}` }, words.kind(one.kind)), h("span", { class: "muted" }, ` ${placeOf(one)}`)), h("td", { class: `state ${one.state}` }, t(`state_${one.state}`)),
    h("td", { class: "muted" }, one.shelved_until ? t("shelvedUntil", { until: words.clock(one.shelved_until) }) : one.lease_holder ? t("worksOnIt", { name: one.lease_holder }) : ""), h("td", { class: "n muted" }, words.clock(one.opened_at)));
  const glass = (names) => (one) => h("tr", {}, h("td", {}, h("a", { href: "#/emergency" }, t(`glass_${one.reason}`))), h("td", {}, one.person_name, h("span", { class: "muted" }, ` ${names.agency(one.agency_id)}`)), h("td", { class: "n muted" }, words.moment(one.broken_at)), h("td", {}, due(one.review_due_at, 6 * 3_600_000)));
  const camera = (one) => h("tr", {}, h("td", {}, h("a", { href: `#/cameras/${encodeURIComponent(one.camera_id)}` }, one.name)), h("td", { class: "muted" }, one.site), h("td", { class: "bad" }, t(one.state)), h("td", { class: "muted" }, translate(one.detail)));
  const late = (names) => (one) => h("tr", {}, h("td", {}, h("strong", { class: "bad" }, "☎ ", names.agency(one.agency_id))), h("td", {}, h("a", { href: `#/alarms/${one.incident_id}` }, words.moment(one.made_at))), h("td", { class: "muted time" }, t("attempts", { n: one.attempts })), h("td", { class: "muted" }, one.last_fault));

  async function load() {
    try {
      const [now, lists] = await Promise.all([ask("GET", "/v1/handover"), directory.lists()]);
      if (closed) return;
      const names = directory.names(lists);
      const unfinished = now.unfinished.toSorted((a, b) => a.severity - b.severity);
      replace(sheet, h("div", { class: "tools top" }, h("h1", {}, t("handover")), h("span", { class: "muted" }, words.moment(now.at))), h("div", { class: "columns" },
        h("div", {}, part("unfinished", unfinished.map(incident)), part("shelved", now.shelved.map(incident))),
        h("div", {}, part("undelivered", now.undelivered.map(late(names)), true), part("breakGlass", now.break_glass.map(glass(names)), true), part("camerasDown", now.cameras_down.map(camera), true),
          now.last ? h("section", { class: "cards" }, h("h2", {}, t("lastHandover")), h("div", { class: "proposal" }, h("p", { class: "muted" }, `${now.last.leader_name} · ${words.moment(now.last.at)}`), h("p", { class: "written" }, now.last.note))) : null,
          may("lead_shift") ? h("section", {}, h("h2", {}, t("handoverNote")), note, h("p", {}, h("button", { class: "main", id: "sign-off", onclick: () => sign(now) }, t("signOff")))) : null)));
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  function sign(now) {
    if (!note.value.trim()) { note.focus(); notice(t("handoverNoteNeeded")); return; }
    const counts = ["unfinished", "shelved", "break_glass", "cameras_down", "undelivered"].map((name) => now[name].length);
    dialog.ask({ title: t("signOffTitle"), about: h("p", {}, t("signOffAbout", { unfinished: counts[0], shelved: counts[1], glass: counts[2], down: counts[3], late: counts[4] })), fields: [h("p", { class: "written" }, note.value)], button: t("signOff"),
      send: async () => { await ask("POST", "/v1/handover", { note: note.value }); note.value = ""; notice(t("signedOff"), "good"); load(); } });
  }

  load();
  return { resync: load, close: () => { closed = true; } };
}
