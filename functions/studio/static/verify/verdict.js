// The answer to "is it real?", from the evidence.
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { toJob } from "../state/route.js";
import { moment } from "../understand/facts.js";
import { words } from "../words.js";

const ICONS = { good: "check", warn: "alert", bad: "alert", plain: "image" };

export function Verdict({ found }) {
  const text = words.verify;
  const [, kind] = text.verdict[found.verdict];
  const { credentials: seen } = found;
  return html`<p class="verdict is-${kind}"><${Icon} name=${ICONS[kind]} /><span>${found.summary}</span></p>
    <dl class="facts">
      <dt>${text.facts.altered}</dt><dd>${found.ours ? text.altered[found.altered] : text.altered.unknown}</dd>
      <dt>${text.facts.mark}</dt><dd>${found.payload ? text.markRead(Math.round(found.confidence * 100)) : text.markNone}</dd>
      <dt>${text.facts.signature}</dt><dd>${text.signatureStates[signatureOf(seen)]}</dd>
      ${seen.issuer && html`<dt>${text.facts.signer}</dt><dd>${seen.issuer}</dd>`}
      ${seen.claim_generator && html`<dt>${text.facts.tool}</dt><dd>${seen.claim_generator}</dd>`}
      ${(found.turned > 0 || found.flipped) && html`<dt>${text.facts.turned}</dt><dd>${text.turned(found.turned, found.flipped)}</dd>`}
      ${found.made && html`<dt>${text.facts.made}</dt><dd>${moment(found.made)}</dd>`}
      ${found.ours &&
      html`<dt>${text.facts.job}</dt>
        <dd>
          ${found.job_id && !found.deleted
            ? html`<a href=${toJob(found.job_id, found.image)}>${text.openJob}</a>`
            : found.deleted
              ? text.deletedSince
              : text.notYours}
        </dd>`}
    </dl>`;
}

function signatureOf(seen) {
  if (!seen.present) return "none";
  if (!seen.signature_valid || seen.altered) return "broken";
  return seen.trusted === false ? "untrusted" : "valid";
}
