// Proposing a change of the book: one part's JSON is edited, what changes is shown as it is typed, and the whole book is sent.

import { ask } from "../api.js";
import * as dialog from "../dialog.js";
import { h, replace } from "../dom.js";
import { notice } from "../notice.js";
import { t } from "../words.js";
import { differences, PARTS, partOf, shown, withPart } from "./diff.js";

/** Ask for the change of the book `current` ({version, book}); `done` follows. */
export function open(current, done) {
  let changed = current.book;
  const part = dialog.choice("part", Object.keys(PARTS).map((name) => [name, t(`part_${name}`)]), "matrix", { onchange: load });
  const editor = h("textarea", { class: "code", rows: 14, spellcheck: false, "aria-label": t("partJson"), oninput: read });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const changes = h("div", { "aria-live": "polite" });

  function load() { editor.value = JSON.stringify(partOf(changed, part.value), null, 1); read(); }

  function read() {
    wrong.textContent = "";
    try { changed = withPart(changed, part.value, JSON.parse(editor.value)); editor.setCustomValidity(""); } catch (error) { wrong.textContent = t("jsonWrong", { why: error.message }); editor.setCustomValidity(wrong.textContent); return; }
    replace(changes, shown(differences(current.book, changed)));
  }

  dialog.ask({ title: t("proposeTitle"), about: h("p", {}, t("proposeAbout")), wide: true, button: t("proposeDo"), fields: [dialog.field(t("part"), part), editor, wrong, changes, dialog.field(t("whyChange"), dialog.area("why"))],
    async send({ why }) {
      if (!differences(current.book, changed).length) throw new Error(t("noChanges"));
      const { version } = await ask("PUT", `/v1/book?on_top_of=${current.version}&why=${encodeURIComponent(why)}`, changed);
      notice(t("proposed", { n: version }), "good");
      done();
    } });
  load();
}
