// A dialog that asks for something: fields, a button that does it, and the hub's words where it refuses. Escape closes it and does nothing.

import { h, replace } from "./dom.js";
import { say } from "./problem.js";
import { passkeyRemedy } from "./refusal.js";
import { t } from "./words.js";

/** Return a labelled field; `note` explains it. */
export const field = (label, input, note) => h("label", {}, label, input, note ? h("small", { class: "muted" }, note) : null);

/** Return a text field for words that go on record. */
export const area = (name, properties) => h("textarea", { name, rows: 2, required: true, maxlength: 500, ...properties });

/** Return a select of [value, words] pairs. */
export const choice = (name, pairs, chosen, properties) => h("select", { name, ...properties }, pairs.map(([value, label]) => h("option", { value, selected: value === chosen ? true : null }, label)));

/**
 * Ask in a dialog. `send(values, form)` does it; while it throws, the dialog stays and says why. `danger` marks what cannot be undone.
 * Returns the dialog.
 */
export function ask({ title, about = null, fields = [], button, danger = false, send, wide = false }) {
  const wrong = h("div", { class: "wrong", role: "alert" });
  const go = h("button", { class: danger ? "danger" : "main" }, button);
  const form = h("form", { class: "ask", onsubmit: (event) => { event.preventDefault(); attempt(); } },
    h("h1", {}, title), about, fields, wrong,
    h("div", { class: "buttons" }, h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")), go));
  const dialog = h("dialog", { class: wide ? "wide" : "", "aria-label": title, onclose: () => dialog.remove() }, form);

  async function attempt() {
    go.disabled = true;
    replace(wrong);
    try { await send(Object.fromEntries(new FormData(form)), form); dialog.close(); } catch (error) { replace(wrong, say(error), passkeyRemedy(error, attempt)); } finally { go.disabled = false; }
  }

  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
