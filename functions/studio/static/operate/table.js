// A table with a heading, which scrolls by itself where it is wider than the page.
import { html } from "../html.js";

export function Table({ title, none, heads, rows }) {
  return html`<section class="operate-part">
    <h2>${title}</h2>
    ${rows.length === 0
      ? html`<p class="quiet">${none}</p>`
      : html`<div class="table-frame" tabindex="0" role="region" aria-label=${title}>
          <table class="table">
            <thead><tr>${heads.map((head) => html`<th key=${head} scope="col">${head}</th>`)}</tr></thead>
            <tbody>${rows.map((row) => html`<tr key=${row[0]}>${row.map((cell, n) => html`<td key=${n}>${cell}</td>`)}</tr>`)}</tbody>
          </table>
        </div>`}
  </section>`;
}
