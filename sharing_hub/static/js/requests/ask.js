// Asking for recorded video: which cameras, when, what for, on which basis, and how it is handed out.

import { ask, now } from "../api.js";
import { picker } from "../camera_picker.js";
import * as dialog from "../dialog.js";
import { lists, pairs } from "../directory.js";
import { h } from "../dom.js";
import * as words from "../words.js";

const { t } = words;
export const MASKS = ["none", "faces_and_plates", "people_and_plates", "whole"];
const MODES = ["masked", "none", "original"];
/** The basis of a person's own request, and of nothing else. */
const OWN_DATA = "35";
const CITIZEN = { purpose: "citizen_copy", legal_basis: OWN_DATA };
const USUAL = { purpose: "crime_response", legal_basis: "25-1" };
const MINUTES = [1, 2, 5, 10, 20, 30, 60];

/** Return a time as <input type=datetime-local> writes it. */
export const local = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

/** Leave of a select's options those that fit, and choose one that does. */
function only(select, fits) {
  for (const option of select.options) option.disabled = !fits(option.value);
  if (select.selectedOptions[0]?.disabled) select.value = [...select.options].find((option) => !option.disabled)?.value;
}

/** Ask for what is wanted; `done(request)` follows. */
export async function open({ known, cameraIds, incidentId, operator, done }) {
  const found = await lists();
  const cameras = picker(known, cameraIds);
  const kind = dialog.choice("kind", ["internal", "citizen"].map((name) => [name, t(`kind_${name}`)]), operator.role === "desk" ? "citizen" : "internal");
  const purpose = dialog.choice("purpose", pairs(found.purposes), USUAL.purpose);
  const basis = dialog.choice("legal_basis", pairs(found.legal_bases), USUAL.legal_basis);
  const mode = dialog.choice("export_mode", MODES.map((name) => [name, t(`mode_${name}_export`)]));
  const mask = dialog.choice("mask_level", MASKS.map((name) => [name, t(`mask_${name}`)]), "people_and_plates");
  const reference = h("input", { name: "reference", maxlength: 80 });
  const letter = h("input", { name: "letter", maxlength: 100 });
  const numbered = h("label", {}, t("letterNumber"), letter, h("small", { class: "warn" }, t("letterNeeded")));
  const referenced = dialog.field(t("ownReference"), reference, t("ownReferenceNote"));

  function follow(event) {
    const citizen = kind.value === "citizen";
    if (!event || event.target === kind) Object.assign(purpose, { value: (citizen ? CITIZEN : USUAL).purpose }) && Object.assign(basis, { value: (citizen ? CITIZEN : USUAL).legal_basis });
    reference.required = citizen;
    referenced.hidden = !citizen;
    only(basis, (code) => (code === OWN_DATA) === citizen);
    const needed = MASKS.indexOf(found.purposes.find((item) => item.code === purpose.value)?.mask_level ?? "none");
    only(mode, (name) => name !== "original" || (needed === 0 && !citizen));
    only(mask, (name) => MASKS.indexOf(name) >= Math.max(needed, mode.value === "masked" ? 1 : 0));
    letter.required = Boolean(found.legal_bases.find((item) => item.code === basis.value)?.needs_letter);
    numbered.hidden = !letter.required;
  }
  for (const input of [kind, purpose, basis, mode]) input.addEventListener("change", follow);
  follow();

  dialog.ask({
    title: t("askTitle"), about: h("p", {}, t("askAbout")), wide: true, button: t("askDo"),
    fields: [
      h("div", { class: "row" }, dialog.field(t("requestKind"), kind), referenced),
      h("div", {}, h("label", {}, t("cameras")), cameras.place),
      h("div", { class: "row" }, dialog.field(t("from"), h("input", { type: "datetime-local", name: "from", step: 1, required: true, value: local(now() - 10 * 60_000) })), dialog.field(t("length"), dialog.choice("minutes", MINUTES.map((n) => [n, t("minutes", { n })]), 5))),
      h("div", { class: "row" }, dialog.field(t("purpose"), purpose), dialog.field(t("basis"), basis)), numbered,
      h("div", { class: "row" }, dialog.field(t("exportMode"), mode), dialog.field(t("maskLevel"), mask)),
      dialog.field(t("whyWords"), dialog.area("why")),
    ],
    async send(values) {
      const from = new Date(values.from);
      const until = new Date(from.getTime() + values.minutes * 60_000);
      done(await ask("POST", "/v1/requests", {
        kind: values.kind, camera_ids: cameras.ids(), starts_at: from.toISOString(), ends_at: until.toISOString(), purpose: values.purpose, legal_basis: values.legal_basis, why: values.why, letter: letter.required ? values.letter : null,
        mask_level: mask.value, export_mode: values.export_mode, reference: values.kind === "citizen" ? values.reference : null, incident_id: incidentId,
      }));
    },
  });
}
