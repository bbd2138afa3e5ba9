// Passkeys: the second factor of whoever is signed in. Registered, confirmed for this session, named and removed.

import { ask, keepToken } from "./api.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import { moment, t } from "./words.js";

const DOORS = "/v1/session/passkeys";
const offered = () => "credentials" in navigator && "PublicKeyCredential" in window;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function sent(credential) {
  const { clientDataJSON, attestationObject, authenticatorData, signature } = credential.response;
  const parts = { clientDataJSON, attestationObject, authenticatorData, signature };
  const response = Object.fromEntries(Object.entries(parts).filter(([, value]) => value).map(([name, value]) => [name, text(value)]));
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

async function register(label) {
  const { options } = await ask("POST", `${DOORS}/registration/options`);
  const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: known(options.excludeCredentials) };
  const credential = await navigator.credentials.create({ publicKey });
  await ask("POST", `${DOORS}/registration`, { label, credential: sent(credential) });
}

/** Confirm a passkey; returns the session, which has its second factor now. */
export async function confirm() {
  const { options } = await ask("POST", `${DOORS}/confirmation/options`);
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  const session = await ask("POST", `${DOORS}/confirmation`, { credential: sent(await navigator.credentials.get({ publicKey })) });
  keepToken(session.csrf);
  return session;
}

/** Show the dialog of the signed-in person's passkeys; `changed(session)` follows a confirmation. */
export function show(changed) {
  const wrong = h("p", { class: "wrong", role: "alert" });
  const list = h("ul", { class: "passkeys" });
  const state = h("p", { class: "state" });
  const dialog = h("dialog", { class: "card", onclose: () => dialog.remove() });

  async function attempt(action, done) {
    wrong.textContent = "";
    try { await action(); if (done) notice(t(done), "good"); } catch (error) {
      wrong.textContent = error.name === "NotAllowedError" ? t("passkeyCancelled") : t("failed", { why: say(error) });
    }
    await draw().catch((error) => { wrong.textContent = t("failed", { why: say(error) }); });
  }

  function sure(one) {
    const question = h("dialog", { onclose: () => question.remove() }, h("form", { method: "dialog", class: "ask" }, h("h1", {}, t("passkeyRemoveTitle", { name: one.label })), h("p", {}, t("passkeyRemoveAbout")),
      h("div", { class: "buttons" }, h("button", { class: "quiet" }, t("cancel")), h("button", { class: "danger", onclick: () => attempt(() => ask("DELETE", `${DOORS}/${encodeURIComponent(one.passkey_id)}`), "passkeyRemoved") }, t("passkeyRemove")))));
    document.body.append(question);
    question.showModal();
  }

  const add = h("form", { class: "add", onsubmit: (event) => {
    event.preventDefault();
    const label = new FormData(add).get("label");
    attempt(async () => { await register(label); changed(await confirm()); }, "passkeyAdded").then(() => add.reset());
  } }, h("label", {}, t("passkeyLabel"), h("input", { name: "label", required: true, maxlength: "60", placeholder: t("passkeyExample") })), h("button", { id: "passkey-add" }, t("passkeyAdd")));
  const proof = h("button", { id: "passkey-confirm", class: "main", onclick: () => attempt(async () => changed(await confirm()), "passkeyConfirmed") }, t("passkeyConfirm"));

  async function draw() {
    const [{ items }, { operator }] = await Promise.all([ask("GET", DOORS), ask("GET", "/v1/session")]);
    state.textContent = t(operator.second_factor ? "passkeyProved" : items.length ? "passkeyUnproved" : "passkeyNone");
    proof.hidden = operator.second_factor || !items.length;
    replace(list, items.map((one) => h("li", {}, h("span", {}, h("strong", {}, one.label), h("small", { class: "muted" }, moment(one.added_at))),
      items.length > 1 ? h("button", { class: "chip", "data-verb": "remove", onclick: () => sure(one) }, t("passkeyRemove")) : null)));
  }

  dialog.append(h("h1", {}, t("passkeys")), state, list, wrong,
    ...(offered() ? [proof, add] : [h("p", {}, t("passkeyUnavailable"))]),
    h("form", { method: "dialog", class: "buttons" }, h("button", { class: "quiet" }, t("close"))));
  document.body.append(dialog);
  dialog.showModal();
  attempt(async () => {});
}
