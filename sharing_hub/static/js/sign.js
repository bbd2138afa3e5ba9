// Signing in and choosing a password.

import { ask, keepToken } from "./api.js";
import { h, replace } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./problem.js";
import { current, t } from "./words.js";

const field = (label, properties) => h("label", {}, t(label), h("input", { required: true, ...properties }));

function card(title, fields, button, submit, extra) {
  const wrong = h("p", { class: "wrong", role: "alert" });
  const form = h("form", { class: "card", onsubmit: async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    const go = form.querySelector("button");
    go.disabled = true;
    try { await submit(Object.fromEntries(new FormData(form)), wrong); } finally { go.disabled = false; }
  } }, h("img", { src: "/static/icon.svg", alt: "", width: 48, height: 48 }), h("h1", {}, title), extra, fields, wrong, h("button", { class: "main" }, button));
  return form;
}

/** Show the sign-in form in `page`; `done(session)` follows. */
export function show(page, done) {
  document.title = t("title");
  const form = card(t("title"), [field("name", { name: "name", autocomplete: "username", autofocus: true }), field("password", { name: "password", type: "password", autocomplete: "current-password" })], t("signIn"),
    async ({ name, password }, wrong) => {
      try { done(await ask("POST", "/v1/session", { name, password })); } catch (error) {
        wrong.textContent = error.status === 429 ? t("tooMany", { s: error.retryAfterS ?? 60 }) : error.status === 401 ? t("signInFailed") : error.status ? t("failed", { why: say(error) }) : t("offlineHub");
      }
    });
  replace(page, h("div", { class: "middle" }, form));
  form.querySelector("input").focus();
  ask("GET", "/v1/session/ways").then((ways) => {
    const city = ways[`city_${current()}`];
    if (city) form.append(h("a", { class: "city", href: "/v1/session/city" }, city));
  }, () => {}); // whoever cannot be asked has no other way
}

/** Return the secret of the invitation that the address names, or null. */
export const invitation = () => location.hash.match(/^#\/invitation\/([\w-]{1,100})$/)?.[1] ?? null;

/** Show the form on which an invited person makes an account; `done(session)` follows. */
export function accept(page, secret, done) {
  document.title = t("title");
  const form = card(t("acceptInvitation"), [
    field("name", { name: "name", autocomplete: "username", maxlength: "60" }),
    field("newPassword", { name: "password", type: "password", autocomplete: "new-password", minlength: 12 }),
    field("repeatPassword", { name: "again", type: "password", autocomplete: "new-password" })], t("createAccount"),
  async ({ name, password, again }, wrong) => {
    if (password !== again) { wrong.textContent = t("passwordsDiffer"); return; }
    try {
      const session = await ask("POST", "/v1/invitations/accept", { secret, name, password });
      history.replaceState(null, "", "#/");
      done(session);
    } catch (error) { wrong.textContent = error.status === 429 ? t("tooMany", { s: error.retryAfterS ?? 60 }) : t("failed", { why: say(error) }); }
  }, h("p", {}, t("invitedTo")));
  replace(page, h("div", { class: "middle" }, form));
}

/** Ask for a new password: as a whole page when it must be changed, in a dialog otherwise. */
export function changePassword(operator, must, page, done) {
  const dialog = must ? null : h("dialog", { onclose: () => dialog.remove() });
  const form = card(t("changePassword"), [
    h("input", { type: "text", name: "name", autocomplete: "username", value: operator.name, hidden: true }),
    field("oldPassword", { name: "old", type: "password", autocomplete: "current-password" }),
    field("newPassword", { name: "new", type: "password", autocomplete: "new-password", minlength: 12 }),
    field("repeatPassword", { name: "again", type: "password", autocomplete: "new-password" })], t("changePassword"),
  async (values, wrong) => {
    if (values.new !== values.again) { wrong.textContent = t("passwordsDiffer"); return; }
    try {
      const session = await ask("POST", "/v1/session/password", { old: values.old, new: values.new });
      keepToken(session.csrf); // the session is a new one
      notice(t("passwordChanged"), "good");
      if (must) done(session.operator ? session : await ask("GET", "/v1/session")); else dialog.close();
    } catch (error) { wrong.textContent = t("failed", { why: say(error) }); }
  }, must ? h("p", {}, t("mustChange")) : null);
  if (must) replace(page, h("div", { class: "middle" }, form));
  else {
    dialog.append(form, h("form", { method: "dialog" }, h("button", { class: "quiet" }, t("close"))));
    document.body.append(dialog);
    dialog.showModal();
  }
}
