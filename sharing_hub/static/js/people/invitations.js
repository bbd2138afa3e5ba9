// Invitations: a link with which one person makes an account, shown once; and those that are out.

import { ask, now } from "../api.js";
import * as dialog from "../dialog.js";
import { pairs } from "../directory.js";
import { h, replace } from "../dom.js";
import { once } from "../secret.js";
import * as words from "../words.js";
import { roles } from "./one.js";

const { t } = words;

/** Ask whom to invite; `found` are the book's lists, `done` follows. */
export function invite(found, done) {
  const role = h("select", { name: "role" });
  const agency = dialog.choice("agency_id", pairs(found.agencies.filter((one) => one.active), "agency_id"), "district");
  const follow = () => replace(role, roles(agency.value).map(([value, label]) => h("option", { value }, label)));
  agency.addEventListener("change", follow);
  follow();
  dialog.ask({ title: t("inviteTitle"), about: h("p", {}, t("inviteAbout")), button: t("inviteDo"),
    fields: [h("div", { class: "row" }, dialog.field(t("agency"), agency), dialog.field(t("role"), role)), h("div", { class: "row" }, dialog.field(t("unit"), h("input", { name: "unit", maxlength: 60 })), dialog.field(t("trainingDay"), h("input", { type: "date", name: "trained_until" })))],
    send: async (values) => { const made = await ask("POST", "/v1/invitations", { ...values, trained_until: values.trained_until || null }); done(); once(t("inviteLink"), made.url); } });
}

function state(one) {
  if (one.accepted_at) return h("span", { class: "good" }, t("invitationAccepted", { at: words.day(one.accepted_at) }));
  if (one.withdrawn_at) return h("span", { class: "muted" }, t("invitationWithdrawn", { at: words.day(one.withdrawn_at) }));
  if (new Date(one.expires_at) < now()) return h("span", { class: "muted" }, t("invitationOver"));
  return null;
}

/** Return the section of invitations. */
export function list(items, names, done) {
  const withdraw = (one) => dialog.ask({ title: t("withdrawInvitationTitle"), about: h("p", {}, t("withdrawInvitationAbout")), danger: true, button: t("withdrawInvitation").replace("…", ""), send: async () => { await ask("DELETE", `/v1/invitations/${one.invitation_id}`); done(); } });
  const row = (one) => h("tr", {}, h("td", {}, t(`role_${one.role}`), h("div", { class: "muted" }, [names.agency(one.agency_id), one.unit].filter(Boolean).join(" · "))), h("td", { class: "muted" }, t("invitedBy", { name: one.made_by_name, until: words.day(one.expires_at) })), h("td", {}, state(one) ?? h("button", { class: "chip", "data-verb": "withdraw-invitation", onclick: () => withdraw(one) }, t("withdrawInvitation"))));
  return h("section", { class: "sheet" }, h("h2", {}, t("invitations")), items.length ? h("table", {}, h("tbody", {}, items.slice(0, 50).map(row))) : h("p", { class: "muted" }, t("noInvitations")));
}
