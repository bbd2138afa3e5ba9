// The list of keys.

import { h } from "./dom.js";
import { t } from "./words.js";

/** Show the keys in a dialog. */
export function show() {
  const rows = [["J / K", "key_next"], ["A", "key_ack"], ["C", "key_confirm"], ["X 1…8", "key_false"], ["U", "key_undo"], ["L", "key_live"], ["T", "key_work"], ["V", "key_verify"], ["H", "key_shelve"], ["G", "key_merge"], ["S", "key_share"], ["R", "key_resolve"], ["D", "key_close"], ["?", "key_help"]];
  const dialog = h("dialog", { onclose: () => dialog.remove() },
    h("h2", {}, t("keys")),
    h("table", { class: "keys" }, rows.map(([keys, what]) => h("tr", {}, h("td", {}, h("kbd", {}, keys)), h("td", {}, t(what))))),
    h("form", { method: "dialog" }, h("button", {}, t("close"))));
  document.body.append(dialog);
  dialog.showModal();
}
