// The invisible mark and the signature of a picture, and the checks that it went through.
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { words } from "../words.js";

export function Proof({ image, manifest }) {
  const text = words.understand;
  const { watermark, credentials } = image;
  const { task } = manifest.origin.request;
  return html`<section class="section">
    <h3>${text.real}</h3>
    <dl class="proof">
      ${watermark &&
      html`<dt><${Icon} name="mark" />${text.mark}</dt>
        <dd>${text.markText(task)} ${text.proof[watermark.proof] ?? ""}</dd>`}
      <dt><${Icon} name="key" />${text.credentials}</dt>
      <dd>${credentials ? text.signed(credentials.issuer ?? "–") : text.unsigned(task)}</dd>
      ${manifest.safety?.length > 0 &&
      html`<dt><${Icon} name="check" />${text.screened}</dt>
        <dd>
          <ul class="plain">
            ${manifest.safety.map((each) => html`<li key=${each.subject + each.by}>${each.subject}: ${text.verdicts[each.verdict] ?? each.verdict}</li>`)}
          </ul>
        </dd>`}
    </dl>
  </section>`;
}
