// One request: what was asked for and by whom, how far its recordings are, its decision by another person, and its packages.

import { may } from "../access.js";
import * as api from "../api.js";
import { ask } from "../api.js";
import * as dialog from "../dialog.js";
import { h, replace } from "../dom.js";
import { due, facts } from "../facts.js";
import { notice } from "../notice.js";
import { say } from "../problem.js";
import * as words from "../words.js";
import { MASKS } from "./ask.js";
import * as pick from "./pick.js";

const { t } = words;
const PREPARED = ["ready", "handed_over"];

/** Open request `id` in `place`; `changed` follows each change. */
export function open(place, id, { operator, names, cameraName, changed }) {
  let one = null;
  let drawn = "";
  let closed = false;
  replace(place, h("p", { class: "empty" }, t("loading")));

  const after = async () => { await Promise.all([reload(), changed()]); };

  function decide(approve) {
    const stricter = MASKS.filter((name) => MASKS.indexOf(name) >= MASKS.indexOf(one.mask_level));
    dialog.ask({
      title: t(approve ? "approveTitle" : "refuseTitle"), about: h("p", {}, approve && one.kind === "citizen" && one.recordings.some((part) => part.state !== "refused" && !part.picked) ? h("strong", { class: "warn" }, t("pickNone"), " ") : null, approve ? t("approveAbout", { asker: one.asked_by_name, me: operator.name }) : t("refuseAbout")), danger: !approve, button: t(approve ? "approveDo" : "refuseDo"),
      fields: [approve ? dialog.field(t("maskLevel"), dialog.choice("mask_level", stricter.map((name) => [name, t(`mask_${name}`)]), one.mask_level)) : null, dialog.field(t("whyWords"), dialog.area("why"))],
      send: async ({ why, mask_level }) => { await ask("POST", `/v1/requests/${id}/decide`, { approve, why, ...(approve && mask_level !== one.mask_level ? { mask_level } : {}) }); await after(); },
    });
  }

  function withdraw() {
    dialog.ask({ title: t("withdrawTitleRequest"), about: h("p", {}, t("withdrawAboutRequest")), danger: true, button: t("withdrawDo"), send: async () => { await ask("POST", `/v1/requests/${id}/withdraw`); await after(); } });
  }

  async function fetchPackage(part, button) {
    button.disabled = true;
    button.textContent = t("packageComing");
    try {
      const answer = await api.open(`/v1/requests/${id}/recordings/${part.recording_id}/package`);
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? `${part.recording_id}.zip`;
      const address = URL.createObjectURL(await answer.blob());
      h("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      await after();
    } catch (error) { notice(t("failed", { why: say(error) })); }
    button.disabled = false;
    button.textContent = t("package");
  }

  function recording(part) {
    const packed = PREPARED.includes(one.state) && one.export_mode !== "none" && part.state === "ready";
    const pickable = one.kind === "citizen" && ["requested", "approved"].includes(one.state) && may("ask_for_video");
    return h("li", { "data-recording": part.recording_id }, h("strong", {}, cameraName(part.camera_id)), " ", h("span", { class: part.state === "refused" ? "bad" : "muted" }, t(`recording_${part.state}`), part.reason ? ` (${part.reason})` : ""), part.held ? h("span", { class: "good" }, ` ✓ ${t("held")}`) : null,
      one.kind === "citizen" ? h("span", { class: part.picked ? "good" : "muted" }, part.picked ? t("picked", { n: part.picked }) : t("pickNone")) : null,
      pickable ? h("button", { class: "chip", disabled: part.state !== "ready", title: part.state === "ready" ? "" : t("pickWaits"), onclick: () => pick.open(id, part, cameraName(part.camera_id), after) }, t("pick")) : null,
      packed ? h("button", { class: "chip main", "data-verb": "package", onclick: (event) => fetchPackage(part, event.target) }, t("package")) : null);
  }

  function actions() {
    const open = one.state === "requested";
    const mine = one.asked_by_name === operator.name;
    const decides = open && may("approve") && !mine;
    const withdrawable = ["requested", "approved"].includes(one.state) && one.agency_id === operator.agency_id && may("ask_for_video");
    return h("div", { class: "actions" },
      decides ? [h("button", { class: "main", "data-verb": "approve", onclick: () => decide(true) }, t("approve")), h("button", { class: "danger", "data-verb": "refuse", onclick: () => decide(false) }, t("refuse"))] : null,
      open && !decides ? h("p", { class: "warn" }, t(mine ? "twoPeople" : "notYours")) : null,
      withdrawable ? h("button", { class: "quiet", "data-verb": "withdraw", onclick: withdraw }, t("withdrawRequest")) : null);
  }

  function draw() {
    const progress = one.progress === null ? null : h("progress", { value: one.progress, max: 1, "aria-label": t("request_preparing") });
    replace(place,
      h("div", { class: "head" }, h("h1", {}, t(`kind_${one.kind}`), " ", h("span", { class: `request-state ${one.state}` }, t(`request_${one.state}`)), " ", progress), h("p", {}, one.why)),
      actions(),
      h("h2", {}, t("recordingsOfIt")), h("ul", { class: "recordings" }, one.recordings.map(recording)), PREPARED.includes(one.state) && one.export_mode !== "none" ? h("p", { class: "muted" }, t("packageNote")) : null,
      facts([[t("span"), `${words.moment(one.starts_at)} – ${words.clock(one.ends_at)}`], [t("asker"), `${one.asked_by_name} · ${names.agency(one.agency_id)}`], [t("askedAt"), words.moment(one.asked_at)], [t("dueAt"), one.due_at && h("span", {}, words.moment(one.due_at), " ", PREPARED.includes(one.state) || one.decided_at ? null : due(one.due_at, 3 * 24 * 3_600_000))],
        [t("purpose"), names.purpose(one.purpose)], [t("basis"), names.basis(one.legal_basis)], [t("letterNumber"), one.letter], [t("ownReference"), one.reference], [t("incident"), one.incident_id && h("a", { href: `#/alarms/${one.incident_id}` }, t("seeIncident"))],
        [t("exportMode"), t(`mode_${one.export_mode}_export`)], [t("maskLevel"), t(`mask_${one.mask_level}`)], [t("decidedOn"), one.decided_by_name && `${one.decided_by_name} · ${words.moment(one.decided_at)} · ${one.decision_why}`], [t("fault"), one.fault && h("span", { class: "bad" }, one.fault)]]));
  }

  async function reload() {
    try {
      const answer = await ask("GET", `/v1/requests/${encodeURIComponent(id)}`);
      const text = JSON.stringify(answer);
      if (closed || text === drawn) return;
      one = answer;
      drawn = text;
      draw();
    } catch (error) { if (!closed && !one) replace(place, h("p", { class: "empty" }, t("failed", { why: say(error) }))); }
  }

  reload();
  return { reload, close: () => { closed = true; } };
}
