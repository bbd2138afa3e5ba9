// Who knows of an incident: each agency's share, what it was told and whether that arrived, what it may look at and until when; and taking it back.

import { may } from "../access.js";
import { ask, now } from "../api.js";
import * as dialog from "../dialog.js";
import { h } from "../dom.js";
import * as words from "../words.js";

const { t } = words;

function said(share) {
  const marks = [["accepted_at", "agencyAccepted"], ["arrived_at", "agencyArrived"], ["finished_at", "agencyFinished"], ["withdrawn_at", "withdrawn"], ["reported_wrong_at", "reportedWrong"]];
  return marks.filter(([key]) => share[key]).map(([key, label]) => h("span", { class: key === "reported_wrong_at" ? "bad" : "" }, t(label, { at: words.clock(share[key]) })));
}

/** Return how a message is getting on, in words: late ones say to phone. */
export function sending(one) {
  const occasion = `${t(`occasion_${one.occasion}`)} ${words.clock(one.made_at)}: `;
  if (one.state === "kept") return h("span", { class: "muted" }, occasion, t("keptForAgency"));
  if (one.state === "delivered") return h("span", {}, occasion, h("span", { class: "good" }, "✓ ", t("delivered", { at: words.clock(one.ended_at) })));
  if (!one.late) return h("span", { class: "muted" }, occasion, t("sending"));
  return h("span", { title: one.fault }, occasion, h("strong", { class: "bad" }, "☎ ", t(one.state === "dead" ? "gaveUp" : "notDelivered")), h("span", { class: "muted" }, ` ${t("attempts", { n: one.attempts })}${one.fault ? ` · ${one.fault}` : ""}`));
}

function withdraw(incidentId, share, names, done) {
  dialog.ask({ title: t("withdrawTitle", { agency: names.agency(share.agency_id) }), about: h("p", {}, t("withdrawAbout")), danger: true, button: t("withdrawDo"), fields: [dialog.field(t("whyWords"), dialog.area("why", { maxlength: 200 }))],
    send: async ({ why }) => done(await ask("POST", `/v1/incidents/${incidentId}/shares/${encodeURIComponent(share.agency_id)}/withdraw`, { why })) });
}

function tellAgain(incidentId, share, names, done) {
  dialog.ask({ title: t("tellAgainTitle", { agency: names.agency(share.agency_id) }), about: h("p", {}, t("tellAgainAbout")), button: t("tellAgain").replace("…", ""), fields: [dialog.field(t("whyWords"), dialog.area("why", { maxlength: 200 }))],
    send: async ({ why }) => done(await ask("POST", `/v1/incidents/${incidentId}/shares/${encodeURIComponent(share.agency_id)}/tell`, { why })) });
}

function revoke(grant, names, done) {
  dialog.ask({ title: t("revokeTitle", { agency: names.agency(grant.agency_id) }), about: h("p", {}, t("revokeAbout")), danger: true, button: t("revokeDo"), fields: [dialog.field(t("whyWords"), dialog.area("why", { maxlength: 300 }))],
    send: async ({ why }) => { await ask("POST", `/v1/grants/${grant.grant_id}/revoke`, { why }); done(); } });
}

/** Return the section; `found` holds shares, deliveries and grants of the incident, `done(incident?)` follows a change. */
export function told(incidentId, found, names, done) {
  const rows = found.shares.map((share) => {
    const sent = found.deliveries.filter((one) => one.agency_id === share.agency_id).slice(0, 3);
    const grants = found.grants.filter((one) => one.agency_id === share.agency_id && new Date(one.ends_at) > now());
    const mine = may("decide_incidents") && !share.withdrawn_at;
    return h("li", { class: share.withdrawn_at ? "share over" : "share", "data-agency": share.agency_id },
      h("div", { class: "first" }, h("strong", {}, names.agency(share.agency_id)), h("span", { class: "muted" }, `${t(`how_${share.how}`)} · ${words.clock(share.shared_at)}`), h("span", { class: "space" }),
        mine && sent.some((one) => one.late) ? h("button", { class: "chip", "data-verb": "tell", onclick: () => tellAgain(incidentId, share, names, done) }, t("tellAgain")) : null,
        mine && share.how !== "opened" ? h("button", { class: "chip", "data-verb": "withdraw", onclick: () => withdraw(incidentId, share, names, done) }, t("withdrawShare")) : null),
      h("div", { class: "muted" }, [t(`media_${share.media}`), names.purpose(share.purpose), names.basis(share.legal_basis), share.case_number].filter(Boolean).join(" · ")),
      said(share).length ? h("div", { class: "said" }, said(share)) : null, sent.map((one) => h("div", {}, sending(one))),
      grants.map((one) => h("div", { class: "grant" }, h("span", { title: one.camera_ids.join(", ") }, t("grantUntil", { cameras: one.camera_ids.length, until: words.clock(one.ends_at) })),
        may("decide_incidents") || may("approve") ? h("button", { class: "chip", "data-verb": "revoke", onclick: () => revoke(one, names, done) }, t("revoke")) : null)));
  });
  return h("section", { class: "told" }, h("h2", {}, t("told")), rows.length ? h("ul", {}, rows) : h("p", { class: "muted" }, t("toldNobody")));
}
