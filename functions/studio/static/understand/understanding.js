// What was understood of the prompt, and which of its words were not.
import { html } from "../html.js";
import { words } from "../words.js";

const FACTS = ["setting", "light", "place", "season", "weather", "style", "mood"];

export function Understanding({ intent, manifest, image }) {
  const text = words.understand;
  const lost = intent.unrecognized ?? [];
  // A thing may be read from the grammar alone: what the model was never shown is not said to be understood.
  const isLost = (name) => lost.some((phrase) => ` ${phrase} `.includes(` ${name} `));
  const things = (intent.figures ?? []).filter((figure) => !isLost(figure.subject)).map(nameOf);
  const facts = FACTS.filter((name) => intent[name] && !isLost(intent[name]));
  const by = intent.by === "rules" ? text.by.rules : text.by.model(intent.by);
  return html`<section class="section">
    <h3>${text.understood} <span class="quiet">${by}</span></h3>
    ${intent.fallback && html`<p class="quiet">${text.fallback}</p>`}
    ${!things.length && !facts.length && html`<p>${text.nothing}</p>`}
    <ul class="tags">
      ${things.map((thing) => html`<li key=${thing} class="tag is-thing">${thing}</li>`)}
      ${facts.map((name) => html`<li key=${name} class="tag"><span class="quiet">${text.facts[name]}</span> ${intent[name]}</li>`)}
      ${(intent.texts ?? []).map((each) => html`<li key=${each} class="tag">${text.text(each)}</li>`)}
      ${(intent.without ?? []).map((thing) => html`<li key=${thing} class="tag is-without">${text.without(thing)}</li>`)}
    </ul>
    ${lost.length > 0 &&
    html`<h4>${text.not}</h4>
      <ul class="tags">
        ${lost.map((word) => html`<li key=${word} class="tag is-lost">${word}</li>`)}
      </ul>
      <p class="quiet">${intent.vocabulary ? text.notKnown : text.notHint}</p>`}
    ${intent.prompt_truncated && html`<h4>${text.truncated}</h4><p dir="auto">${intent.prompt_truncated}</p>`}
    ${intent.language && intent.vocabulary && html`<p class="quiet">${text.drawnFrom(nameOfLanguage(intent.language), intent.prompt)}</p>`}
    ${intent.expanded && html`<h4>${text.expanded}</h4><p dir="auto">${intent.expanded}</p>`}
    ${(image?.lettering ?? []).map(
      (each) => html`<p key=${each.text} dir="auto" class=${each.matches ? "good" : ""}>${text.lettering(each)}</p>`,
    )}
    ${manifest.region && html`<h4>${text.region}</h4><p>${text.regionFound(Math.round(manifest.region.share * 100))}</p>`}
    ${manifest.region?.unrecognized?.length > 0 && html`<p dir="auto">${text.regionLost(manifest.region.unrecognized.join(", "))}</p>`}
    ${image?.outside_mask_difference != null &&
    html`<p class="good">${image.outside_mask_difference === 0 ? text.outside : text.outsideDiffers(image.outside_mask_difference)}</p>`}
    ${manifest.fitted && html`<p>${text.fitted(manifest.fitted.from_width, manifest.fitted.from_height)}</p>`}
  </section>`;
}

const nameOf = ({ count, size, colour, subject }) => [count > 1 && `${count} ×`, size, colour, subject].filter(Boolean).join(" ");

const nameOfLanguage = (code) => new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(code);
