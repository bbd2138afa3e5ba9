// Changes to agencies' systems and endpoints, each asked for in a dialog; secrets are shown once.

import { ask } from "../api.js";
import * as dialog from "../dialog.js";
import { pairs, partners } from "../directory.js";
import { h } from "../dom.js";
import { once } from "../secret.js";
import { t } from "../words.js";

const FORMS = [["cloudevents", "CloudEvents 1.0"], ["cap", "CAP 1.2"]];
const HOURS = [0, 1, 24, 24 * 7];
const keys = () => dialog.field(t("jwks"), dialog.area("jwks", { rows: 6, maxlength: 20_000, spellcheck: false, placeholder: '{"keys": [{"kty": "OKP", …}]}' }));

function read(text) {
  try { return JSON.parse(text); } catch { throw new Error(t("jwksWrong")); }
}

/** Return what can be done; `found` are the book's lists, `done` follows each change. */
export function kinds(found, done) {
  const agency = () => dialog.field(t("agency"), dialog.choice("agency_id", pairs(partners(found), "agency_id")));
  const sure = (title, about, button, act, fields = []) => dialog.ask({ title, about: h("p", {}, about), danger: true, button, fields, send: async (values) => { await act(values); done(); } });
  return {
    addClient: () => dialog.ask({ title: t("addClientTitle"), about: h("p", {}, t("addClientAbout")), wide: true, button: t("register"),
      fields: [h("div", { class: "row" }, agency(), dialog.field(t("clientName"), h("input", { name: "name", required: true, maxlength: 60 }))), h("div", { class: "row" }, dialog.field(t("agreement"), h("input", { name: "agreement", required: true, maxlength: 100 })), dialog.field(t("agreementUntil"), h("input", { type: "date", name: "agreement_until", required: true }))), keys()],
      send: async (values) => { await ask("POST", "/v1/clients", { ...values, jwks: read(values.jwks) }); done(); } }),
    rotateKeys: (one) => dialog.ask({ title: t("newKeysTitle", { name: one.name }), wide: true, button: t("save"), fields: [keys(), dialog.field(t("keepOld"), dialog.choice("hours", HOURS.map((n) => [n, t("hours", { n })]), 24))],
      send: async ({ jwks, hours }) => { await ask("POST", `/v1/clients/${one.client_id}/keys`, { jwks: read(jwks), keep_old_hours: Number(hours) }); done(); } }),
    retire: (one, key) => sure(t("retireKeyTitle"), t("retireKeyAbout"), t("retireKeyDo"), () => ask("DELETE", `/v1/clients/${one.client_id}/keys/${key.key_id}`)),
    disableClient: (one) => sure(t("disableClientTitle", { name: one.name }), t("disableClientAbout"), t("disableDo"), () => ask("POST", `/v1/clients/${one.client_id}/disable`)),
    addEndpoint: () => dialog.ask({ title: t("endpointTitle"), button: t("register"), fields: [agency(), dialog.field(t("endpointUrl"), h("input", { type: "url", name: "url", required: true, maxlength: 500, placeholder: "https://" })), dialog.field(t("endpointForm"), dialog.choice("form", FORMS))],
      send: async (values) => { const made = await ask("POST", "/v1/endpoints", values); done(); once(t("endpointSecret"), made.secret); } }),
    rotate: (one) => sure(t("rotateTitle"), t("rotateAbout"), t("rotateDo"), async () => { const made = await ask("POST", `/v1/endpoints/${one.endpoint_id}/rotate`); once(t("endpointSecret"), made.secret); }),
    disableEndpoint: (one) => sure(t("disableEndpointTitle"), t("disableEndpointAbout"), t("disableDo"), ({ why }) => ask("POST", `/v1/endpoints/${one.endpoint_id}/disable`, { why }), [dialog.field(t("whyWords"), dialog.area("why", { maxlength: 300 }))]),
  };
}
