// Before the first picture: one field, and some things to try.
import { html } from "../html.js";
import { setComposer } from "../state/composer.js";
import { words } from "../words.js";

export function Start() {
  return html`<div class="start">
    <h1>${words.start.title}</h1>
    <p class="lead">${words.start.text}</p>
  </div>`;
}

export function StartIdeas() {
  const choose = (prompt) => {
    setComposer({ prompt, kind: "picture", fault: null });
    document.getElementById("prompt")?.focus();
  };
  return html`<div class="start-ideas">
    <p id="start-ideas">${words.start.ideasLabel}</p>
    <ul class="chips" aria-labelledby="start-ideas">
      ${words.start.ideas.map(
        (idea) => html`<li key=${idea}><button type="button" class="chip" onClick=${() => choose(idea)}>${idea}</button></li>`,
      )}
    </ul>
  </div>`;
}
