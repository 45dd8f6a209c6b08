// Deleting a job, which says first what is removed and what stays.
import { html, useState } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { explain } from "../parts/explain.js";
import { say } from "../parts/notices.js";
import { composer, setTarget } from "../state/composer.js";
import { deleteJob } from "../state/jobs.js";
import { words } from "../words.js";

export function Remove({ job, onClose, onDone }) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    try {
      await deleteJob(job.id);
      if (composer.get().target?.id === job.id) setTarget(null);
      say(words.remove.done, { shown: true });
      onDone();
    } catch (error) {
      say(explain(error).why, { shown: true, bad: true });
      onClose();
    }
  };
  return html`<${Dialog} title=${words.remove.title} onClose=${onClose}>
    <p>${words.remove.text(job.imageCount || 1)}</p>
    <p class="quiet">${words.remove.kept}</p>
    <div class="row is-end">
      <button type="button" class="button" onClick=${onClose}>${words.cancel}</button>
      <button type="button" class="button is-danger" disabled=${busy} onClick=${press}>${words.remove.press}</button>
    </div>
  <//>`;
}
