// Each drawing of the correction loop: its score, what was missing, how it was mended, and which one was kept.
import { html } from "../html.js";
import { words } from "../words.js";

export function Attempts({ attempts, threshold = 0.6 }) {
  const text = words.understand;
  const best = Math.max(...attempts.map((each) => each.score));
  return html`<section class="section">
    <h3>${text.attempts}</h3>
    <ol class="attempts">
      ${attempts.map(
        (attempt, n) => html`<li key=${n} class="attempt ${attempt.chosen ? "is-chosen" : ""}">
          <div class="attempt-head">
            <strong>${text.attempt(n + 1)}</strong>
            <span>${text.score(Math.round(attempt.score * 100))}</span>
            ${attempt.chosen && attempts.length > 1 && html`<span class="tag is-kept">${text.chosen}</span>`}
          </div>
          <meter min="0" max="1" low=${threshold} optimum="1" value=${attempt.score} aria-label=${text.score(Math.round(attempt.score * 100))}></meter>
          ${attempt.repair && html`<p class="quiet">${text.repair(attempt.repair)}</p>`}
          ${attempt.reasons?.length
            ? html`<ul class="reasons">${attempt.reasons.map((reason) => html`<li key=${reason}>${reason}</li>`)}</ul>`
            : html`<p class="good">${text.fits}</p>`}
        </li>`,
      )}
    </ol>
    ${best < threshold && html`<p class="quiet">${text.belowScore(Math.round(threshold * 100))}</p>`}
  </section>`;
}
