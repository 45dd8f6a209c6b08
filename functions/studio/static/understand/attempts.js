// Each drawing of the correction loop: its score, what was missing, how it was mended, and which one was kept.
import { html } from "../html.js";
import { words } from "../words.js";

export function Attempts({ attempts, threshold = 0.6 }) {
  const text = words.understand;
  const isBelow = attempts.every((each) => each.reasons?.length && each.score < threshold);
  return html`<section class="section">
    <h3>${text.attempts}</h3>
    <ol class="attempts">
      ${attempts.map(
        (attempt, n) => html`<li key=${n} class="attempt ${attempt.chosen ? "is-chosen" : ""}">
          <div class="attempt-head">
            <strong>${text.attempt(n + 1)}</strong>
            <span>${scoreOf(attempt)}</span>
            ${attempt.chosen && attempts.length > 1 && html`<span class="tag is-kept">${text.chosen}</span>`}
          </div>
          ${attempt.score != null && html`<meter min="0" max="1" low=${threshold} optimum="1" value=${attempt.score} aria-label=${scoreOf(attempt)}></meter>`}
          ${attempt.repair && html`<p class="quiet">${text.repair(attempt.repair)}</p>`}
          ${attempt.reasons?.length
            ? html`<ul class="reasons">${attempt.reasons.map((reason) => html`<li key=${reason}>${reason}</li>`)}</ul>`
            : attempt.score != null && html`<p class="good">${attempt.unchecked?.length ? text.fitsSoFar : text.fits}</p>`}
          ${attempt.unchecked?.length > 0 && html`<p class="quiet">${text.unchecked(attempt.unchecked.join(", "))}</p>`}
        </li>`,
      )}
    </ol>
    ${isBelow && html`<p class="quiet">${text.belowScore(Math.round(threshold * 100))}</p>`}
  </section>`;
}

const scoreOf = ({ score }) => (score == null ? words.understand.noScore : words.understand.score(Math.round(score * 100)));
