// Deleting a job or a list, which says first what is removed and what stays.
import { html, useState } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { explain } from "../parts/explain.js";
import { say } from "../parts/notices.js";
import { deleteBatch } from "../state/batches.js";
import { composer, setTarget } from "../state/composer.js";
import { deleteJob } from "../state/jobs.js";
import { words } from "../words.js";

export function RemoveJob({ job, ...rest }) {
  const act = async () => {
    await deleteJob(job.id);
    if (composer.get().target?.id === job.id) setTarget(null);
  };
  return html`<${Remove} title=${words.remove.title} text=${words.remove.text(job.imageCount || 1, job.task)} act=${act} ...${rest} />`;
}

export function RemoveBatch({ id, lines, ...rest }) {
  const act = () => deleteBatch(id);
  return html`<${Remove} title=${words.remove.listTitle} text=${words.remove.listText(lines)} act=${act} ...${rest} />`;
}

function Remove({ title, text, act, onClose, onDone }) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    try {
      await act();
      say(words.remove.done, { shown: true });
      onDone();
    } catch (error) {
      say(explain(error).why, { shown: true, bad: true });
      onClose();
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <p class="quiet">${words.remove.kept}</p>
    <div class="row is-end">
      <button type="button" class="button" onClick=${onClose}>${words.cancel}</button>
      <button type="button" class="button is-danger" disabled=${busy} aria-busy=${busy ? "true" : undefined} onClick=${press}>${words.remove.press}</button>
    </div>
  <//>`;
}
