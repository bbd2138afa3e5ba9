// Emergency looks: those that wait for their review first, with their clocks; reviewed by somebody else than who took them.

import { may } from "../access.js";
import { ask, now } from "../api.js";
import { cameras } from "../camera_picker.js";
import * as dialog from "../dialog.js";
import * as directory from "../directory.js";
import { h, replace } from "../dom.js";
import { due } from "../facts.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";

const { t } = words;
const POLL_MS = 10_000;

/** Open the view in `place`. */
export function open(place, chosen, operator) {
  let closed = false;
  const sheet = h("div", { class: "sheet" }, h("p", { class: "empty" }, t("loading")));
  replace(place, sheet);

  function review(one, justified) {
    dialog.ask({ title: t(`reviewTitle_${justified}`), about: h("p", {}, t(`reviewAbout_${justified}`, { name: one.person_name })), danger: !justified, button: t("reviewDo"), fields: [dialog.field(t("reviewWords"), dialog.area("note"))],
      send: async ({ note }) => { await ask("POST", `/v1/emergency-looks/${one.grant_id}/review`, { justified, note }); load(); } });
  }

  function letter(one) {
    dialog.ask({ title: t("letterTitle"), button: t("save"), fields: [dialog.field(t("letterNumber"), h("input", { name: "letter", maxlength: 100, required: true }))], send: async (values) => { await ask("POST", `/v1/emergency-looks/${one.grant_id}/letter`, values); load(); } });
  }

  function card(one, names, known) {
    const runs = !one.revoked_at && new Date(one.ends_at) > now();
    const own = one.person_name === operator.name;
    const waits = one.verdict === null;
    return h("li", { class: `glass ${one.verdict ?? "waits"}`, "data-grant": one.grant_id },
      h("div", { class: "first" }, h("strong", {}, t(`glass_${one.reason}`)), h("span", {}, `${one.person_name} · ${names.agency(one.agency_id)}`), h("time", { class: "muted" }, words.moment(one.broken_at)), h("span", { class: runs ? "warn" : "muted" }, runs ? t("runsUntil", { until: words.clock(one.ends_at) }) : t("overAlready")), h("span", { class: "space" }), waits ? h("span", {}, t("reviewDue"), " ", due(one.review_due_at, 6 * 3_600_000)) : h("span", { class: one.verdict === "rejected" ? "bad" : "good" }, t(`verdict_${one.verdict}`))),
      h("p", {}, `“${one.sentence}”`),
      h("p", { class: "muted" }, one.camera_ids.map((id) => known.get(id)?.name ?? id).join(", "), " · ", t("lookedTimes", { n: one.looks }), " · ", one.letter ? `${t("letterNumber")} ${one.letter}` : [t("letterMissing"), " (", due(one.letter_due_at, 2 * 24 * 3_600_000), ")"]),
      one.reviewed_by_name ? h("p", {}, h("span", { class: "muted" }, t("reviewedBy", { name: one.reviewed_by_name, at: words.moment(one.reviewed_at) })), ` ${one.review_note}`) : null,
      h("div", { class: "actions" },
        waits && may("approve") && !own ? [h("button", { class: "main", "data-verb": "justified", onclick: () => review(one, true) }, t("reviewJustified")), h("button", { class: "danger", "data-verb": "rejected", onclick: () => review(one, false) }, t("reviewRejected"))] : null,
        waits && own ? h("span", { class: "warn" }, t("ownGlass")) : null,
        one.letter || !(may("approve") || own) ? null : h("button", { class: "quiet", "data-verb": "letter", onclick: () => letter(one) }, t("addLetter"))));
  }

  async function load() {
    try {
      const [items, known, lists] = await Promise.all([ask("GET", "/v1/emergency-looks"), cameras(), directory.lists()]);
      if (closed) return;
      const names = directory.names(lists);
      const part = (title, list) => (list.length ? [h("h2", {}, `${t(title)} (${list.length})`), h("ul", { class: "cards" }, list.map((one) => card(one, names, known)))] : null);
      const [waiting, reviewed] = [items.filter((one) => one.verdict === null), items.filter((one) => one.verdict !== null)];
      replace(sheet, h("h1", {}, t("emergency")), items.length ? [part("emergencyWaiting", waiting), part("emergencyReviewed", reviewed)] : h("p", { class: "empty" }, t("emergencyNone")));
    } catch (error) { if (!closed) notice(t("failed", { why: say(error) })); }
  }

  load();
  const timer = setInterval(load, POLL_MS);
  return { resync: load, close: () => { closed = true; clearInterval(timer); } };
}
