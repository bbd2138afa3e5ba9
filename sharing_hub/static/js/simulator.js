// Who could see a camera now, and why: the policies are asked for each agency and role; nobody looks, so nothing is recorded.

import { placeOf } from "./alarms.js";
import { ask, now } from "./api.js";
import { cameras, picker } from "./camera_picker.js";
import * as dialog from "./dialog.js";
import * as directory from "./directory.js";
import { h, replace } from "./dom.js";
import { inLanguage, say } from "./problem.js";
import { MASKS } from "./requests/ask.js";
import * as words from "./words.js";

const { t } = words;
const ACTIONS = ["ViewLive", "ViewStill", "ViewRecorded", "RequestExport", "ApproveExport", "Export"];

/** Open the view in `place`, for the camera `chosen` if given. */
export function open(place, chosen) {
  let closed = false;
  let asked = 0;
  let names = null;
  let picked = null;
  const form = h("form", { class: "request", onsubmit: (event) => event.preventDefault(), onchange: () => run() });
  const answers = h("div", {});
  replace(place, h("div", { class: "sheet" }, h("h1", {}, t("simulator")), h("p", { class: "muted" }, t("simulatorAbout")), form, answers));

  const row = (one) => h("tr", {}, h("td", { class: one.permitted ? "good" : "bad" }, one.permitted ? "✓" : "✕"), h("td", {}, h("strong", {}, names.agency(one.agency_id)), one.agency_id === "district" ? ` · ${t(`role_${one.role}`)}` : ""), h("td", {}, one.reasons.map((words) => h("div", {}, inLanguage(words))), h("code", {}, one.rule_ids.join(", "))),
    h("td", { class: "muted" }, [one.purpose ? names.purpose(one.purpose) : "", one.legal_basis ? names.basis(one.legal_basis) : ""].filter(Boolean).join(" · ")), h("td", { class: "muted" }, [one.grant_id ? t("simGrant") : "", one.distance_m === null ? "" : t("metres", { n: Math.round(one.distance_m) }), one.mask_level === "none" ? "" : t(`mask_${one.mask_level}`)].filter(Boolean).join(" · ")));
  const group = (label, list) => (list.length ? [h("h2", {}, t(label, { n: list.length })), h("table", { class: "dense simulated" }, h("tbody", {}, list.map(row)))] : null);

  async function run() {
    const [cameraId] = picked.ids();
    if (!cameraId) { replace(answers, h("p", { class: "empty" }, t("simChoose"))); return; }
    const values = Object.fromEntries(new FormData(form));
    const wanted = new URLSearchParams({ camera_id: cameraId, action: values.action, masked: values.masked, proved: values.proved ? "true" : "false" });
    if (values.incident) wanted.set("incident_id", values.incident);
    if (["ViewRecorded", "ViewStill", "Export"].includes(values.action)) wanted.set("recorded_at", new Date(now() - 60_000).toISOString());
    const mine = asked += 1;
    try {
      const { items } = await ask("GET", `/v1/policy/simulate?${wanted}`);
      if (closed || mine !== asked) return;
      const could = items.filter((one) => one.permitted);
      replace(answers, could.length ? group("simMay", could) : h("p", { class: "warn" }, t("simNobody")), group("simMayNot", items.filter((one) => !one.permitted)), items.length ? h("p", { class: "muted" }, t("policyVersion", { v: items[0].policy_version })) : null);
    } catch (error) { if (!closed) replace(answers, h("p", { class: "wrong" }, t("failed", { why: say(error) }))); }
  }

  async function start() {
    try {
      const [known, lists, incidents] = await Promise.all([cameras(), directory.lists(), ask("GET", "/v1/incidents?state=unfinished&limit=100")]);
      if (closed) return;
      names = directory.names(lists);
      picked = picker(known, chosen ? [chosen] : [], 1, run);
      const options = [["", t("simNoIncident")], ...incidents.items.map((one) => [one.incident_id, `${words.kind(one.kind)} · ${placeOf(one)} · ${words.clock(one.opened_at)}`])];
      replace(form, h("div", {}, h("label", {}, t("simCamera")), picked.place), dialog.field(t("simAction"), dialog.choice("action", ACTIONS.map((name) => [name, t(`action_${name}`)]))), dialog.field(t("simIncident"), dialog.choice("incident", options)), dialog.field(t("simMasked"), dialog.choice("masked", MASKS.map((name) => [name, t(`mask_${name}`)]))), h("label", { class: "inline" }, h("input", { type: "checkbox", name: "proved", checked: true }), t("simProved")));
      run();
    } catch (error) { if (!closed) replace(answers, h("p", { class: "wrong" }, t("failedToLoad", { why: say(error) }))); }
  }

  start();
  return { resync: () => {}, close: () => { closed = true; } };
}
