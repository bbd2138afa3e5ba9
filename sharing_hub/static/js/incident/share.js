// Sharing an incident with an agency by hand: which, what it gets, what for, on which basis, and why.

import * as dialog from "../dialog.js";
import { lists, pairs, partners } from "../directory.js";
import { h } from "../dom.js";
import { t } from "../words.js";

const MEDIA = ["none", "masked_still", "still", "still_and_live"];
const USUAL = { purpose: "emergency_response", basis: "18-2-3" };

/** Ask with whom to share `one`; `send(verb, body)` does it. */
export async function open(one, shares, isReal, send) {
  const found = await lists();
  const known = new Set(shares.filter((share) => !share.withdrawn_at).map((share) => share.agency_id));
  const letter = h("input", { name: "letter", maxlength: 100 });
  const numbered = h("label", {}, t("letterNumber"), letter, h("small", { class: "warn" }, t("letterNeeded")));
  const basis = dialog.choice("legal_basis", pairs(found.legal_bases), USUAL.basis);
  const needs = () => found.legal_bases.find((item) => item.code === basis.value)?.needs_letter;
  const follow = () => { letter.required = Boolean(needs()); numbered.hidden = !needs(); };
  basis.addEventListener("change", follow);
  follow();
  const offered = MEDIA.filter((media) => isReal || ["none", "masked_still"].includes(media));
  dialog.ask({
    title: t("shareTitle"), about: h("p", {}, t("shareAbout", { min: Math.round(found.limits.live_grant_s / 60) }), isReal ? null : h("span", { class: "warn" }, " ", t("onlyMasked"))), button: t("share").replace("…", ""),
    fields: [
      dialog.field(t("agency"), dialog.choice("agency_id", pairs(partners(found).filter((agency) => !known.has(agency.agency_id)), "agency_id"), null, { required: true })),
      dialog.field(t("media"), dialog.choice("media", offered.map((media) => [media, t(`media_${media}`)]), offered.at(-1))),
      h("div", { class: "row" }, dialog.field(t("purpose"), dialog.choice("purpose", pairs(found.purposes), USUAL.purpose)), dialog.field(t("basis"), basis)),
      numbered, dialog.field(t("whyWords"), dialog.area("why", { maxlength: 200 })),
    ],
    send: (values) => send("share", { ...values, letter: needs() ? values.letter : null }),
  });
}
